import type { FileSummary, TrainingFile, TrainingFiles } from '../training-files.ts'

interface Row {
  id: string
  filename: string
  purpose: string
  bytes: number
  summary: string
  created_at: number
}

const fromRow = (row: Row): TrainingFile => ({
  id: row.id,
  filename: row.filename,
  purpose: row.purpose,
  bytes: row.bytes,
  summary: JSON.parse(row.summary) as FileSummary,
  createdAt: row.created_at,
})

/** Training files: content in R2 under the file's id, what is known about it in D1. */
export const r2TrainingFiles = (bucket: R2Bucket, db: D1Database): TrainingFiles => ({
  async put(file, content) {
    await bucket.put(file.id, content)
    await db
      .prepare('INSERT INTO files (id, filename, purpose, bytes, summary, created_at) VALUES (?, ?, ?, ?, ?, ?)')
      .bind(file.id, file.filename, file.purpose, file.bytes, JSON.stringify(file.summary), file.createdAt)
      .run()
  },
  async get(id) {
    const row = await db.prepare('SELECT * FROM files WHERE id = ?').bind(id).first<Row>()
    return row ? fromRow(row) : undefined
  },
  async content(id) {
    const object = await bucket.get(id)
    return object ? new Uint8Array(await object.arrayBuffer()) : undefined
  },
  async list({ after, limit, purpose }) {
    // Pages go by the row that the last one ended on, so that uploads in between shift nothing.
    const { results } = await db
      .prepare(
        `SELECT * FROM files
         WHERE (?1 IS NULL OR purpose = ?1)
           AND (?2 IS NULL OR (created_at, id) < (SELECT created_at, id FROM files WHERE id = ?2))
         ORDER BY created_at DESC, id DESC LIMIT ?3`,
      )
      .bind(purpose ?? null, after ?? null, limit + 1)
      .all<Row>()
    return { files: results.slice(0, limit).map(fromRow), hasMore: results.length > limit }
  },
  async delete(id) {
    const { meta } = await db.prepare('DELETE FROM files WHERE id = ?').bind(id).run()
    await bucket.delete(id)
    return meta.changes > 0
  },
})
