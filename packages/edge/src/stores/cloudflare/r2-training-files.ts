import type { FileObject } from '@weft/core'
import type { TrainingFiles } from '../training-files.ts'

/** Training files: content in R2 under the file's id, what is known about it in D1. */
export const r2TrainingFiles = (bucket: R2Bucket, db: D1Database): TrainingFiles => ({
  async put(file, content) {
    // Content first: a row without content would be a file that cannot be trained on.
    await bucket.put(file.id, content)
    await db.prepare('INSERT INTO files (id, file, created_at) VALUES (?, ?, ?)').bind(file.id, JSON.stringify(file), file.createdAt).run()
  },
  async get(id) {
    const json = await db.prepare('SELECT file FROM files WHERE id = ?').bind(id).first<string>('file')
    return json === null ? undefined : (JSON.parse(json) as FileObject)
  },
  async content(id) {
    const object = await bucket.get(id)
    return object ? new Uint8Array(await object.arrayBuffer()) : undefined
  },
  async list({ after, limit }) {
    // Pages go by the row that the last one ended on, so that uploads in between shift nothing.
    const { results } = await db
      .prepare(
        `SELECT file FROM files
         WHERE ?1 IS NULL OR (created_at, id) < (SELECT created_at, id FROM files WHERE id = ?1)
         ORDER BY created_at DESC, id DESC LIMIT ?2`,
      )
      .bind(after ?? null, limit + 1)
      .all<{ file: string }>()
    return { files: results.slice(0, limit).map((row) => JSON.parse(row.file) as FileObject), hasMore: results.length > limit }
  },
  async delete(id) {
    const { meta } = await db.prepare('DELETE FROM files WHERE id = ?').bind(id).run()
    await bucket.delete(id)
    return meta.changes > 0
  },
})
