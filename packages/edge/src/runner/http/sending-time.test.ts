import type { TrainingSpec } from '@weft/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { StoredFile } from '../training.ts'
import { httpTraining } from './training.ts'
import { httpTransport } from './transport.ts'

/** Answers after so long, as it would when that is how long its body takes to send. */
let answersAfterMs = 0
const spec = { jobId: 'ftjob-1' } as TrainingSpec
const training = httpTraining(httpTransport({ url: 'http://runner', timeoutMs: 300_000 }))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal(
    'fetch',
    (_: URL, { signal }: RequestInit) =>
      new Promise((resolve, reject) => {
        setTimeout(() => resolve(new Response('{}', { status: 202 })), answersAfterMs)
        signal!.addEventListener('abort', () => reject(signal!.reason))
      }),
  )
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const fileOf = (bytes: number): StoredFile => ({ bytes, stream: async () => new Blob([new Uint8Array(bytes)]).stream() })

const outcome = async (asked: Promise<unknown>): Promise<string> => {
  const said = asked.then(
    () => 'answered',
    (error: Error) => error.message,
  )
  await vi.advanceTimersByTimeAsync(600_000)
  return said
}

test('files that take long to send are waited for by their size', async () => {
  const files = { training: fileOf(5_000_000), validation: fileOf(2_000_000), required: [new Uint8Array(3_000_000)] }
  // 40 s for 10 MB, and 15 s for the answer to them.
  answersAfterMs = 54_000
  expect(await outcome(training.submit(spec, files))).toBe('answered')
  answersAfterMs = 60_000
  expect(await outcome(training.submit(spec, files))).toContain('said nothing for 55000 ms')
})

test('where little is sent, a runner that does not answer is given up on as soon as before', async () => {
  answersAfterMs = 20_000
  expect(await outcome(training.submit(spec, { training: fileOf(100), required: [] }))).toContain('said nothing for 15000 ms')
  expect(await outcome(training.cancel(spec.jobId))).toContain('said nothing for 15000 ms')
  expect(vi.getTimerCount()).toBe(0)
})
