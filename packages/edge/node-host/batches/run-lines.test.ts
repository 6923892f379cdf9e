import { expect, test } from 'vitest'
import type { BatchNeeds } from '../../src/batches/batch-needs.ts'
import { newBatchState } from '../../src/batches/batch-state.ts'
import { runLines } from '../../src/batches/run-lines.ts'
import { memoryResults } from '../memory-batch-host.ts'

const lines = ['a', 'b', 'c'].map((id) => JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/completions', body: { model: 'base', prompt: id } }))

test('a line whose result was kept just before a stop holds up no other', async () => {
  const results = memoryResults()
  const record = { batch: { id: 'batch-1', inputFileId: 'file-1' }, principal: {} } as never
  // The runner did not get through the first line; asked alone it was answered, and then the edge was killed before it could write down more.
  const state = { ...newBatchState(record), attempts: { 1: 1 } }
  await results.put(1, 'output', 'kept')
  const needs = {
    files: { stream: async () => new Blob([lines.join('\n')]).stream() },
    answerRequest: async () => ({ status: 200, body: {} }),
    batchConcurrency: 2,
  } as unknown as BatchNeeds
  await runLines(needs, state, results, new AbortController().signal)
  expect([2, 3].map((line) => results.has(line))).toEqual([true, true])
  expect(state.attempts).toEqual({})
})

test.each([
  [503, 'storage_unavailable'],
  [503, 's3_failed'],
  [503, 'database_unavailable'],
  [503, 'database_busy'],
  [507, 'storage_full'],
  [429, 'rate_limit_exceeded'],
])('a line that meets %i %s is asked again as often as that takes, and no runner is said to have failed at it', async (status, code) => {
  const results = memoryResults()
  const state = newBatchState({ batch: { id: 'batch-1', inputFileId: 'file-1' }, principal: {} } as never)
  let away = 8
  const needs = {
    files: { stream: async () => new Blob([lines[0]!]).stream() },
    answerRequest: async () => (away-- > 0 ? { status, body: { error: { code } } } : { status: 200, body: { answered: true } }),
    batchConcurrency: 2,
  } as unknown as BatchNeeds
  for (let step = 0; step < 9; step++) await runLines(needs, state, results, new AbortController().signal)
  expect([results.count('error'), results.count('output')]).toEqual([0, 1])
})
