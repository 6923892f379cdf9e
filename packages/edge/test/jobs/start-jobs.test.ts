import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { startJobs } from '../../src/jobs/start-jobs.ts'
import type { JobRecord } from '../../src/stores/jobs.ts'
import { sqlJobs } from '../../src/stores/sql/sql-jobs.ts'
import type { PrincipalStores } from '../../src/stores/tenants/open-for-principal.ts'

const record = (id: string) => ({ job: { id, trainingFile: 'file-1', validationFile: null }, spec: { required: [] } }) as unknown as JobRecord
const records = [record('a'), record('b'), record('c')]
const full = new Error('the store has no room')

/** Stores that fail, once the jobs are written or before. */
const storesThatFail = ({ alsoWritten, stuck = false }: { alsoWritten: boolean; stuck?: boolean }) => {
  const rows = new Set<string>()
  const deleted: string[] = []
  const jobs = {
    create: async (made: readonly JobRecord[]) => {
      if (alsoWritten) for (const { job } of made) rows.add(job.id)
      throw full
    },
    delete: async (ids: readonly string[]) => {
      deleted.push(...ids)
      if (stuck) throw new Error('nor can they be deleted')
      for (const id of ids) rows.delete(id)
    },
  }
  const stores = { jobs, files: { get: async () => ({}) }, names: { findAll: async () => [] } } as unknown as PrincipalStores
  return { rows, deleted, stores }
}

test.each([true, false])('jobs are written all or none (written, though they fail: %s)', async (alsoWritten) => {
  const { rows, deleted, stores } = storesThatFail({ alsoWritten })
  const enqueue = vi.fn(async () => {})
  await expect(startJobs(records, stores, { jobQueue: { enqueue }, by: 'key-1' })).rejects.toBe(full)
  expect([...rows]).toEqual([])
  expect(deleted).toEqual(['a', 'b', 'c'])
  expect(enqueue).not.toHaveBeenCalled()
})

test('what cannot be taken back stays whole, and what failed first is told', async () => {
  const { rows, stores } = storesThatFail({ alsoWritten: true, stuck: true })
  const said = vi.spyOn(console, 'error').mockReturnValue()
  await expect(startJobs(records, stores, { jobQueue: { enqueue: async () => {} }, by: 'key-1' })).rejects.toBe(full)
  expect([...rows]).toEqual(['a', 'b', 'c'])
  expect(said).toHaveBeenCalledExactlyOnceWith('a, b, c: could not be taken back', expect.any(Error))
  said.mockRestore()
})

test('the jobs of a settlement are rows all at once: where one cannot be written, none is', async () => {
  const jobs = sqlJobs(env.DB, 'halves')
  const made = (id: string) => ({ job: { id, status: 'validating_files', createdAt: 1 } }) as unknown as JobRecord
  await jobs.create([made('ftjob-there')])
  await expect(jobs.create([made('ftjob-new'), made('ftjob-there'), made('ftjob-other')])).rejects.toMatchObject({ code: 'idempotency_key_in_use' })
  expect((await jobs.list({ limit: 10 })).jobs.map(({ id }) => id)).toEqual(['ftjob-there'])
})
