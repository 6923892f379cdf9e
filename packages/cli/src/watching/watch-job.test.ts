import type { WeftClient } from '@weft/client'
import type { FineTuningJob, FineTuningJobEvent } from '@weft/protocol'
import { expect, test, vi } from 'vitest'
import { train } from '../commands/training/train.ts'
import { outputOf } from '../output/output.ts'
import type { Step } from './progress.ts'
import { follow, watchJob } from './watch-job.ts'

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

test('before its first step a job is shown as preparing, and how far', async () => {
  const job = { id: 'ftjob-1', suffix: 'a', status: 'succeeded' } as FineTuningJob
  const event = { type: 'message', level: 'info', message: '', data: { step: 0, totalSteps: 6, work: 'rounding', share: 0.3 } } as unknown as FineTuningJobEvent
  const jobs = {
    wait: async (_: string, { onEvent }: { onEvent(event: FineTuningJobEvent): void }) => {
      onEvent(event)
      return job
    },
  }
  const shown: Step[] = []
  await follow({ jobs } as unknown as WeftClient, job, { update: (step) => shown.push(step), end() {} })
  expect(shown).toEqual([{ step: 0, totalSteps: 6, preparing: 0.3 }])
})

test('what Ctrl-C leaves to go on is told as what is wrong is, so that --json tells it too', async () => {
  const job = { id: 'ftjob-1', suffix: 'a', status: 'running' } as FineTuningJob
  const jobs = {
    wait: (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        process.emit('SIGINT')
      }),
  }
  const before = process.listenerCount('SIGINT')
  await expect(watchJob({ jobs } as unknown as WeftClient, job, outputOf({ json: true }), train())).rejects.toMatchObject({
    code: 'not_watched',
    exitCode: 1,
    message: expect.stringMatching(/^It goes on .*"npx weft jobs watch ftjob-1".*"npx weft jobs cancel ftjob-1" stops it\.$/),
  })
  expect(process.listenerCount('SIGINT')).toBe(before)
})

test('a job that is queued behind others is told which came before it', async () => {
  vi.useFakeTimers()
  try {
    const open = (id: string, more: Partial<FineTuningJob> = {}) =>
      ({ id, suffix: id, status: 'queued', createdAt: 1, executor: null, ...more }) as FineTuningJob
    const job = open('style/letters', { createdAt: 3, joint: 'stack' })
    const listed = [
      open('later', { createdAt: 4 }),
      job,
      open('elsewhere', { executor: 'modal' }),
      open('together', { joint: 'stack' }),
      open('paused', { status: 'paused' }),
      open('style/speech', { createdAt: 2 }),
      open('mail/spam', { status: 'running' }),
      open('ended', { status: 'failed' }),
    ]
    const ended = Promise.withResolvers<FineTuningJob>()
    const jobs = { wait: () => ended.promise, get: async () => job, list: async () => ({ data: listed }) }
    const said: string[] = []
    const followed = follow({ jobs } as unknown as WeftClient, job, { update() {}, end() {} }, { say: (text) => said.push(text) })
    await vi.advanceTimersByTimeAsync(2500)
    ended.resolve({ ...job, status: 'succeeded' })
    await followed
    expect(said).toEqual(['  style/letters is queued; it begins when a runner is free for it. Before it came mail/spam, style/speech.'])
  } finally {
    vi.useRealTimers()
  }
})
