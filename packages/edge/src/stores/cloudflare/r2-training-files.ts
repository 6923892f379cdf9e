import type { FileObject } from '@weft/protocol'
import type { TrainingFiles } from '../training-files.ts'
import { newestFirst } from './newest-first.ts'

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
  async list(page) {
    const { rows, hasMore } = await newestFirst<FileObject>(db, 'files', page)
    return { files: rows, hasMore }
  },
  async delete(id) {
    const { meta } = await db.prepare('DELETE FROM files WHERE id = ?').bind(id).run()
    await bucket.delete(id)
    return meta.changes > 0
  },
})
