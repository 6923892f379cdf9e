import { expect, test, vi } from 'vitest'
import { startJobs } from '../../src/jobs/start-jobs.ts'
import type { JobRecord } from '../../src/stores/jobs.ts'
import type { PrincipalStores } from '../../src/stores/tenants/open-for-principal.ts'

const record = (id: string) => ({ job: { id, trainingFile: 'file-1', validationFile: null }, spec: { required: [] } }) as unknown as JobRecord
const records = [record('a'), record('b'), record('c')]
const full = new Error('the store has no room')

/** Stores whose second job fails, once it is written or before. */
const storesThatFail = ({ alsoWritten, stuck = '' }: { alsoWritten: boolean; stuck?: string }) => {
  const rows = new Set<string>()
  const deleted: string[] = []
  const jobs = {
    create: async ({ job }: JobRecord) => {
      if (job.id !== 'b' || alsoWritten) rows.add(job.id)
      if (job.id === 'b') throw full
    },
    delete: async (id: string) => {
      deleted.push(id)
      if (id === stuck) throw new Error('nor can it be deleted')
      rows.delete(id)
    },
  }
  const stores = { jobs, files: { get: async () => ({}) }, names: { findAll: async () => [] } } as unknown as PrincipalStores
  return { rows, deleted, stores }
}

test.each([true, false])('jobs are written all or none (the one that fails is written: %s)', async (alsoWritten) => {
  const { rows, deleted, stores } = storesThatFail({ alsoWritten })
  const enqueue = vi.fn(async () => {})
  await expect(startJobs(records, stores, { jobQueue: { enqueue }, by: 'key-1' })).rejects.toBe(full)
  expect([...rows]).toEqual([])
  // Nothing is said to be deleted that was never begun.
  expect(deleted).toEqual(['a', 'b'])
  expect(enqueue).not.toHaveBeenCalled()
})

test('one that cannot be taken back leaves the others no longer there, and what failed first is told', async () => {
  const { rows, stores } = storesThatFail({ alsoWritten: true, stuck: 'a' })
  const said = vi.spyOn(console, 'error').mockReturnValue()
  await expect(startJobs(records, stores, { jobQueue: { enqueue: async () => {} }, by: 'key-1' })).rejects.toBe(full)
  expect([...rows]).toEqual(['a'])
  expect(said).toHaveBeenCalledExactlyOnceWith('job a could not be taken back', expect.any(Error))
  said.mockRestore()
})
