import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Supervisors } from '@weft/edge/host'
import { afterAll, expect, test, vi } from 'vitest'
import { openSqlite } from '../database/sqlite-database.ts'
import { jobHosts } from './job-hosts.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-job-hosts-'))
const database = await openSqlite(join(scratch, 'weft.sqlite'))
afterAll(async () => {
  await database.close()
  rmSync(scratch, { recursive: true })
})

/** A job that its runner has running, for as long as it is asked. */
const running = (id: string): Supervisors => {
  const job = { id, suffix: 'a/b', status: 'running', finishedAt: null, createdAt: 1, trainingFile: 'f', hyperparameters: {} }
  const record = { tenant: 'default', job, spec: { jobId: id, required: [], model: { name: 'base', fingerprint: 'x' } } }
  const report = { id, status: 'running', step: 1, totalSteps: 9, loss: 1, evalLoss: null, etaS: 1, checkpointStep: null, events: [] }
  const supervision = {
    trainers: {
      isGone: () => false,
      at: () => ({ job: async () => report, cancel: async () => {} }),
      health: async () => ({ jobs: { running: 0, queued: 0 } }),
      choose: async () => 'r',
    },
    jobs: { save: async () => {} },
    names: { findByJob: async () => undefined },
    keys: { get: async () => undefined },
    checkpoints: { delete: async () => {}, put: async () => {} },
    now: () => Math.floor(Date.now() / 1000),
  }
  return { supervise: () => supervision, jobs: { get: async () => structuredClone(record), unfinished: async () => [] } } as unknown as Supervisors
}

test.each([
  ['cancelled', false],
  ['resumed, then cancelled', true],
])('a live stream of a paused job hears of what becomes of it: %s', async (_, resumes) => {
  const id = `ftjob-${resumes}`
  const { dispatcher, stop } = jobHosts(database, () => running(id))
  await dispatcher.wake(id)
  expect((await dispatcher.pause(id))?.status).toBe('paused')
  // The pause settles; nothing is due.
  await vi.waitFor(async () => expect(await database.prepare('SELECT open FROM hosted WHERE id = ?').bind(id).first('open')).toBe(0))
  const response = await dispatcher.liveEvents(id, undefined, new AbortController().signal)
  const text = response.text()
  if (resumes) expect((await dispatcher.resume(id))?.status).toBe('queued')
  expect((await dispatcher.cancel(id))?.status).toBe('cancelled')
  expect(await text).toMatch(/data: \[DONE\]\n/)
  expect((await text).includes('Resumed.')).toBe(resumes)
  await stop()
})
