import type { WeftClient } from '@weft/client'
import type { FineTuningJob, FineTuningJobEvent } from '@weft/protocol'
import { expect, test } from 'vitest'
import type { Step } from './progress.ts'
import { follow } from './watch-job.ts'

test('a job is shown as being measured behind its last step, and behind the one at which it stopped early', async () => {
  const events: Partial<FineTuningJobEvent>[] = [
    { type: 'metrics', data: { step: 3, totalSteps: 4, loss: 2, etaS: 1 } },
    { type: 'message', data: { step: 3, totalSteps: 4, bestStep: 1, bestEvalLoss: 2 } },
    { type: 'message', data: { step: 3, totalSteps: 4, bytes: 9 } },
    { type: 'metrics', data: { step: 4, totalSteps: 4, loss: 2, etaS: 0 } },
    { type: 'message', data: { step: 4, totalSteps: 4, rows: 5, totalRows: 9 } },
  ]
  const job = { id: 'ftjob-1', suffix: 'a', status: 'succeeded' } as FineTuningJob
  const jobs = {
    wait: async (_: string, { onEvent }: { onEvent(event: FineTuningJobEvent): void }) => {
      for (const event of events) onEvent({ level: 'info', message: '', ...event } as FineTuningJobEvent)
      return job
    },
  }
  const shown: Step[] = []
  await follow({ jobs } as unknown as WeftClient, job, { update: (step) => shown.push(step), end() {} })
  expect(shown.map(({ step, measuring, rows, totalRows }) => [step, measuring, rows, totalRows])).toEqual([
    [3, false, undefined, undefined],
    [3, true, undefined, undefined],
    [4, true, undefined, undefined],
    [4, true, 5, 9],
  ])
})
