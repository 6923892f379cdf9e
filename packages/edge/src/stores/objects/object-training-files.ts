import type { FileObject } from '@weft/protocol'
import { fileInUse } from '../../errors.ts'
import { isFileIdOf, newFileId } from '../../identifiers.ts'
import { pageByTime } from '../sql/page-by-time.ts'
import { isUnfinishedBatch } from '../sql/sql-batches.ts'
import type { SqlDatabase } from '../sql/sql-database.ts'
import { isUnfinished } from '../sql/sql-jobs.ts'
import { keyPrefix } from '../tenant-stores.ts'
import type { TrainingFiles } from '../training-files.ts'
import { written, writtenFrom } from '../written.ts'
import type { ObjectStorage } from './object-storage.ts'
import { tenantObjects } from './tenant-objects.ts'

const named = (jobs: string): string =>
  `?1 IN (json_extract(${jobs}.job, '$.job.trainingFile'), json_extract(${jobs}.job, '$.job.validationFile'), json_extract(${jobs}.job, '$.job.foreignFile'))`

/** Each of a stack that is settled is silent on rows of the others' files. */
const ofItsStack = `jobs.job ->> '$.job.settles' IS NOT NULL AND EXISTS (SELECT 1 FROM jobs AS beside
  WHERE beside.tenant = ?2 AND beside.job ->> '$.job.settles' IS NOT NULL AND beside.job ->> '$.job.joint' = jobs.job ->> '$.job.joint' AND ${named('beside')})`

/** Unfinished jobs of the tenant `?2` that train on the file `?1`, or evaluate on it, or are settled beside one that does, and unfinished batches that read it. */
const users = `FROM (
  SELECT id FROM jobs WHERE ${isUnfinished} AND tenant = ?2 AND (${named('jobs')} OR ${ofItsStack})
  UNION ALL SELECT id FROM batches WHERE ${isUnfinishedBatch} AND tenant = ?2 AND json_extract(record, '$.batch.inputFileId') = ?1) AS users`

/** Jobs and batches of the tenant `?2` that name the file `?1`, ended or not. */
const namers = `FROM (
  SELECT id FROM jobs WHERE tenant = ?2
  AND (${named('jobs')}
    OR EXISTS (SELECT 1 FROM json_each(job, '$.job.resultFiles') AS result WHERE result.value = ?1))
  UNION ALL SELECT id FROM batches WHERE tenant = ?2
  AND ?1 IN (json_extract(record, '$.batch.inputFileId'), json_extract(record, '$.batch.outputFileId'), json_extract(record, '$.batch.errorFileId'))) AS namers`

/** A job's results are stored before the job names them. */
const isJustWritten = `json_extract(file, '$.purpose') = 'fine-tune-results' AND EXISTS (SELECT 1 FROM jobs WHERE ${isUnfinished} AND tenant = ?2)`

/** A tenant's training files: content in a storage of objects under the file's id, what is known about it in a database. */
export const objectTrainingFiles = (storage: ObjectStorage, db: SqlDatabase, tenant: string): TrainingFiles => {
  const key = (id: string): string => keyPrefix(tenant) + id
  const isFile = async (id: string): Promise<boolean> => (await db.prepare('SELECT 1 FROM files WHERE id = ? AND tenant = ?').bind(id, tenant).first()) !== null
  return {
    newId: (seconds) => newFileId(tenant, seconds),
    write: (id, content, length) => writtenFrom(content, (pieces) => storage.putStream(key(id), pieces, length)),
    async put(file) {
      const insert = db.prepare(
        'INSERT INTO files (tenant, id, file, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET file = excluded.file, created_at = excluded.created_at',
      )
      await written(insert.bind(tenant, file.id, JSON.stringify(file), file.createdAt).run())
    },
    async drop(id) {
      if (!(await isFile(id))) await storage.delete(key(id))
    },
    async get(id) {
      const json = await db.prepare('SELECT file FROM files WHERE id = ? AND tenant = ?').bind(id, tenant).first<string>('file')
      return json === null ? undefined : (JSON.parse(json) as FileObject)
    },
    // Those of before do not tell whose they are.
    isOrWas: async (id) => (await isFileIdOf(tenant, id)) || (await isFile(id)),
    content: (id) => storage.get(key(id)),
    digest: (id) => storage.digest(key(id)),
    stream: (id, from = 0) => storage.stream(key(id), from),
    async list(page) {
      const { rows, hasMore } = await pageByTime<FileObject>(db, 'files', tenant, page)
      return { files: rows, hasMore }
    },
    contents: () => tenantObjects(storage, tenant),
    async collect(id) {
      const deleted = db.prepare(`DELETE FROM files WHERE id = ?1 AND tenant = ?2 AND NOT EXISTS (SELECT 1 ${namers}) AND NOT (${isJustWritten})`)
      await written(deleted.bind(id, tenant).run())
      if (await isFile(id)) return false
      // A batch names its results before they are written: then there is content, and no row yet.
      if ((await db.prepare(`SELECT 1 ${namers}`).bind(id, tenant).first()) !== null) return false
      await storage.delete(key(id))
      return true
    },
    async delete(id) {
      // One statement, so that no job comes to use the file between the question and the deletion.
      const deleted = db.prepare(`DELETE FROM files WHERE id = ?1 AND tenant = ?2 AND NOT EXISTS (SELECT 1 ${users})`).bind(id, tenant)
      const { meta } = await written(deleted.run())
      if (meta.changes === 0) {
        const { results } = await db.prepare(`SELECT id ${users}`).bind(id, tenant).all<{ id: string }>()
        if (results.length)
          throw fileInUse(
            id,
            results.map((job) => job.id),
          )
        return false
      }
      await storage.delete(key(id))
      return true
    },
  }
}
