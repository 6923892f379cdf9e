import { WeftError } from '@weft/adapters'
import { expect, test, vi } from 'vitest'
import type { BatchNeeds } from '../../src/batches/batch-needs.ts'
import { newBatchState } from '../../src/batches/batch-state.ts'
import { step } from '../../src/batches/step.ts'
import { memoryResults } from '../memory-batch-host.ts'

const line = JSON.stringify({ custom_id: 'a', method: 'POST', url: '/v1/completions', body: { model: 'base', prompt: 'a' } })

function stepped() {
  const batch = {
    id: 'batch-1',
    inputFileId: 'file-1',
    status: 'in_progress',
    expiresAt: 1000,
    requestCounts: {},
    errors: null,
    outputFileId: null,
    errorFileId: null,
  }
  const state = newBatchState({ batch, principal: { id: 'key-1' } } as never)
  return { state, results: memoryResults(), signal: new AbortController().signal, save: async () => {} }
}
const needs = (over: object) =>
  ({
    keys: { get: async () => undefined },
    catalog: { isReady: async () => true },
    files: { stream: async () => new Blob([line]).stream() },
    answerRequest: async () => ({ status: 200, body: {} }),
    batchConcurrency: 2,
    now: () => 0,
    ...over,
  }) as unknown as BatchNeeds

test('a fault after a long wait for a runner is tried again as any other', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const batch = stepped()
  for (let i = 0; i < 30; i++) await step(needs({ catalog: { isReady: async () => false } }), batch)
  const broken = needs({
    files: {
      stream: async () => {
        throw new Error('Network connection lost.')
      },
    },
  })
  for (let i = 0; i < 20; i++) expect(await step(broken, batch)).toBeGreaterThan(0)
  expect(batch.state.end).toBeNull()
  await step(broken, batch)
  expect(batch.state.end).toBe('failed')
})

test('a store that is away is waited for, as a runner is', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const batch = stepped()
  const away = needs({
    files: {
      stream: async () => {
        throw new WeftError('storage_unavailable', 'The storage does not answer.', { status: 503 })
      },
    },
  })
  for (let i = 0; i < 50; i++) await step(away, batch)
  expect(batch.state.end).toBeNull()
  expect(await step(needs({}), batch)).toBe(0)
  expect(batch.results.count('output')).toBe(1)
})

test('of a batch that expires when its input is lost, what was answered is written, and what was lost is said', async () => {
  const batch = stepped()
  await batch.results.put(1, 'output', 'kept')
  const written: string[] = []
  const files = {
    newId: async () => 'file-2',
    stream: async () => undefined,
    get: async () => ({ id: 'file-1', deletedAt: null }),
    write: async () => ({ bytes: 4, digest: 'sha256:' }),
    put: async ({ filename }: { filename: string }) => void written.push(filename),
  }
  expect(await step(needs({ files, now: () => 2000 }), batch)).toBeNull()
  expect(written).toEqual(['batch-1_output.jsonl'])
  expect(batch.state.record.batch).toMatchObject({ status: 'expired', errors: { data: [{ code: 'file_content_missing', param: 'input_file_id' }] } })
})

test('a store that goes away in the middle of the input is waited for, and is no problem of the file', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const batch = stepped()
  Object.assign(batch.state.record.batch, { status: 'validating', endpoint: '/v1/completions' })
  let away = 3
  const broken = new WeftError('storage_unavailable', 'gone', { status: 503 })
  async function* halfOf(text: string) {
    yield new TextEncoder().encode(text.slice(0, 10))
    if (away-- > 0) throw broken
    yield new TextEncoder().encode(text.slice(10))
  }
  const flaky = needs({
    files: { stream: async () => halfOf(line) },
    open: () => ({ names: { findAll: async () => [] }, routes: { get: async () => undefined } }),
  })
  for (let i = 0; i < 3; i++) expect(await step(flaky, batch)).toBeGreaterThan(0)
  expect(batch.state.record.batch).toMatchObject({ status: 'validating', errors: null })
  await step(flaky, batch)
  expect(batch.state.record.batch).toMatchObject({ status: 'in_progress', errors: null, requestCounts: { total: 1 } })
})
