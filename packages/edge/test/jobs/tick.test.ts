import { expect, test } from 'vitest'
import { runnerUnavailable } from '../../src/errors.ts'
import { newJobState } from '../../src/jobs/job-state.ts'
import type { SupervisedJob, Supervision } from '../../src/jobs/supervision.ts'
import { tick } from '../../src/jobs/tick.ts'
import type { JobRecord } from '../../src/stores/jobs.ts'

test('a job that is cancelled while its waiting is written down has its end as the last that is told', async () => {
  const said: string[] = []
  const state = newJobState({ job: { id: 'ftjob-1', status: 'queued' } } as unknown as JobRecord)
  const supervised: SupervisedJob = {
    ...{ state, log: ({ message }) => said.push(message), mirror: () => {}, async *metrics() {} },
    save: async () => {
      state.record.job.status = 'cancelled'
      said.push('Cancelled.')
    },
  }
  const unreachable = runnerUnavailable('POST /jobs')
  const supervision = { names: { findByJob: () => Promise.reject(unreachable) }, now: () => 0 } as unknown as Supervision
  expect(await tick(supervision, supervised)).toBeGreaterThan(0)
  expect(said).toEqual([`Waiting: ${unreachable.message}`, 'Cancelled.'])
})
