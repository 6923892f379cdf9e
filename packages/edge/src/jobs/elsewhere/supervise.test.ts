import { expect, test } from 'vitest'
import type { SupervisedJob, Supervision } from '../supervision.ts'
import { superviseExecution } from './supervise.ts'

/** A job whose trainer is at its executor, which says `status` of it; a step is taken at every moment that is asked for, in seconds. */
function job(status: 'running' | 'ended') {
  const clock = { now: 1000 }
  const execution = { attempt: 1, handle: 'trainer', tokenHash: '', until: 1e9, heardAt: 1000 }
  const state = { deaths: 0, execution, record: { job: { id: 'ftjob-1', executor: 'here', status: 'running' } } }
  const supervision = {
    executors: { open: () => ({ standing: async () => ({ status }), stop: async () => {} }), config: () => ({}) },
    checkpoints: {},
    names: { findByJob: async () => undefined },
    now: () => clock.now,
  } as unknown as Supervision
  const supervised = { state, save: async () => {}, log: () => {} } as unknown as SupervisedJob
  return async (...moments: number[]): Promise<'lost' | 'there'> => {
    for (const moment of moments) {
      clock.now = moment
      await superviseExecution(supervision, supervised)
    }
    return state.deaths > 0 ? 'lost' : 'there'
  }
}

const every = (seconds: number, from: number, to: number): number[] => Array.from({ length: (to - from) / seconds }, (_, i) => from + i * seconds)

test('a trainer that tells of nothing for half an hour, while it is looked after, is lost', async () => {
  const step = job('running')
  expect(await step(...every(10, 1000, 2800))).toBe('there')
  expect(await step(2801)).toBe('lost')
})

test('one that nobody has looked after for so long has its half hour from when somebody does: a machine that slept, an edge that was away', async () => {
  const step = job('running')
  expect(await step(1000, 9000, ...every(10, 9002, 10_800))).toBe('there')
  expect(await step(10_801)).toBe('lost')
})

test('one that has ended is found lost though the clock was set back', async () => {
  const step = job('ended')
  expect(await step(1001, 100, 102)).toBe('lost')
})
