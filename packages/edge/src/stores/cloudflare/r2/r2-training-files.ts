import type { FileObject } from '@weft/protocol'
import { fileInUse } from '../../../errors.ts'
import { keyPrefix } from '../../tenant-stores.ts'
import type { TrainingFiles } from '../../training-files.ts'
import { isUnfinishedBatch } from '../d1-batches.ts'
import { isUnfinished } from '../d1-jobs.ts'
import { newestFirst } from '../newest-first.ts'
import { written } from '../written.ts'
import { r2Bytes } from './r2-bytes.ts'
import { r2Objects } from './r2-objects.ts'

/** Unfinished jobs of the tenant `?2` that train on the file `?1`, or evaluate on it, and unfinished batches that read it. */
const users = `FROM (
  SELECT id FROM jobs WHERE ${isUnfinished} AND tenant = ?2
  AND ?1 IN (json_extract(job, '$.job.trainingFile'), json_extract(job, '$.job.validationFile'), json_extract(job, '$.job.foreignFile'))
  UNION ALL SELECT id FROM batches WHERE ${isUnfinishedBatch} AND tenant = ?2 AND json_extract(record, '$.batch.inputFileId') = ?1)`

/** What comes in pieces may have gigabytes. */
const longestUploadMs = 600_000

/** Every piece to every writer, no faster than the slowest takes them. */
async function writeAll(content: ReadableStream<Uint8Array>, writers: readonly WritableStreamDefaultWriter<Uint8Array>[]): Promise<void> {
  for await (const piece of content) await Promise.all(writers.map((writer) => writer.write(piece)))
  await Promise.all(writers.map((writer) => writer.close()))
}

/** A tenant's training files: content in R2 under the file's id, what is known about it in D1. */
export const r2TrainingFiles = (bucket: R2Bucket, db: D1Database, tenant: string): TrainingFiles => {
  const key = (id: string): string => keyPrefix(tenant) + id
  return {
    async put(file, content) {
      // Content first: a row without content would be a file that cannot be trained on.
      await written(bucket.put(key(file.id), content))
      const insert = db.prepare('INSERT INTO files (tenant, id, file, created_at) VALUES (?, ?, ?, ?)')
      await written(insert.bind(tenant, file.id, JSON.stringify(file), file.createdAt).run())
    },
    async get(id) {
      const json = await db.prepare('SELECT file FROM files WHERE id = ? AND tenant = ?').bind(id, tenant).first<string>('file')
      return json === null ? undefined : (JSON.parse(json) as FileObject)
    },
    content: (id) => r2Bytes(bucket, key(id)),
    async stream(id, from = 0) {
      return (await bucket.get(key(id), from === 0 ? {} : { range: { offset: from } }))?.body
    },
    async putStream(file, bytes, content) {
      const fixed = new FixedLengthStream(bytes)
      const hash = new crypto.DigestStream('SHA-256')
      const copies = writeAll(content, [fixed.writable.getWriter(), hash.getWriter()])
      await written(Promise.all([bucket.put(key(file.id), fixed.readable), copies]), longestUploadMs)
      const hex = Array.from(new Uint8Array(await hash.digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
      const row: FileObject = { ...file, bytes, digest: `sha256:${hex}` }
      const insert = db.prepare('INSERT OR REPLACE INTO files (tenant, id, file, created_at) VALUES (?, ?, ?, ?)')
      await written(insert.bind(tenant, file.id, JSON.stringify(row), file.createdAt).run())
    },
    async list(page) {
      const { rows, hasMore } = await newestFirst<FileObject>(db, 'files', tenant, page)
      return { files: rows, hasMore }
    },
    contents: () => r2Objects(bucket, tenant),
    async collect(id) {
      const deleted = db.prepare(`DELETE FROM files WHERE id = ?1 AND tenant = ?2 AND NOT EXISTS (SELECT 1 ${users})`).bind(id, tenant)
      await written(deleted.run())
      if ((await db.prepare('SELECT 1 FROM files WHERE id = ? AND tenant = ?').bind(id, tenant).first()) !== null) return false
      await bucket.delete(key(id))
      return true
    },
    async delete(id) {
      // One statement, so that no job comes to use the file between the question and the deletion.
      const { meta } = await db.prepare(`DELETE FROM files WHERE id = ?1 AND tenant = ?2 AND NOT EXISTS (SELECT 1 ${users})`).bind(id, tenant).run()
      if (meta.changes === 0) {
        const { results } = await db.prepare(`SELECT id ${users}`).bind(id, tenant).all<{ id: string }>()
        if (results.length)
          throw fileInUse(
            id,
            results.map((job) => job.id),
          )
        return false
      }
      await bucket.delete(key(id))
      return true
    },
  }
}
