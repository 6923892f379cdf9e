import { expect, test } from 'vitest'
import type { JobRecord } from '../stores/jobs.ts'
import { countDeath, watchRunner } from './deaths.ts'
import { newJobState } from './job-state.ts'
import type { SupervisedJob } from './supervision.ts'

const supervised = () => {
  const said: string[] = []
  const state = newJobState({ job: { id: 'ftjob-1' } } as unknown as JobRecord)
  const job: SupervisedJob = { state, save: async () => {}, log: ({ message }) => said.push(message), mirror: () => {}, async *metrics() {} }
  /** The job in the runner's hands, and its end. */
  const die = () => {
    state.submitted = true
    state.inHands = true
    countDeath(state)
  }
  return { job, state, said, die }
}
const gaveUp = expect.objectContaining({ code: 'runner_died' })

test('the runner is watched longer after each death, and a job with which it always dies is given up at the fourth', () => {
  const { job, die } = supervised()
  for (const [started, ms] of [
    [10, 1000],
    [20, 10_000],
    [30, 60_000],
  ] as const) {
    die()
    expect(watchRunner(job, started)).toBe(ms)
    // It stayed up: the job may be given to it, now and if that has to be tried again.
    expect(watchRunner(job, started)).toBe(0)
    expect(watchRunner(job, started + 1)).toBe(0)
  }
  expect(die).toThrow(gaveUp)
})

test('a runner that goes down without the job as well dies of something else', () => {
  const { job, state, said, die } = supervised()
  for (let started = 0; started < 100; started += 10) {
    die()
    const first = watchRunner(job, started)
    // Every second time it is another process by the end of the watch.
    expect(watchRunner(job, started % 20 === 0 ? started : started + 1)).toBe(0)
    expect(first).toBeGreaterThan(0)
  }
  expect(state.deaths).toBe(0)
  expect(said).toHaveLength(5)
})

test('one that does not say when it started is taken for the same', () => {
  const { job, die } = supervised()
  for (let i = 0; i < 3; i++) {
    die()
    watchRunner(job, undefined)
    watchRunner(job, undefined)
  }
  expect(die).toThrow(gaveUp)
})

test('a job that got further begins to count anew', () => {
  const { job, state, die } = supervised()
  for (let step = 1; step <= 10; step++) {
    state.reachedStep = step
    die()
    watchRunner(job, step)
    watchRunner(job, step)
  }
  expect(state.deaths).toBe(1)
})
