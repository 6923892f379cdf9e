import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tinyConfigs } from '@weft/test/cases/tiny-configs'
import { expect, test } from 'vitest'
import { benchMethods } from './run.ts'

const tiny = (architecture: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'weft-bench-')), 'config.json')
  writeFileSync(file, JSON.stringify(tinyConfigs[architecture]))
  return file
}
const few = { batch: 2, tokens: 6, virtualTokens: 3, rounds: 1, steps: 1, promptTokens: 5, newTokens: 4, requests: 1, threads: 1 }

// Layers 2, hidden 32, intermediate 48, 4 heads and 2 key/value heads of 8, vocabulary 64, tied.
test('each method that trains is measured, the trained numbers and stored bytes of a llama are known', async () => {
  const { methods, left_out, not_served } = await benchMethods({
    ...few,
    model: tiny('llama'),
    methods: ['prompt-tuning', 'lora', 'linear-probe', 'full', 'text'],
  })
  expect(not_served).toBeUndefined()
  expect(left_out).toMatchObject([{ method: 'text', code: 'nothing_to_train' }])
  const trained = Object.fromEntries(methods.map(({ method, parameters }) => [method, parameters]))
  expect(trained).toEqual({
    'prompt-tuning': 3 * 32,
    lora: 2 * 8 * (32 + 32 + (32 + 16)), // q_proj and v_proj at rank 8
    'linear-probe': 2 * 32,
    full: 64 * 32 + 32 + 2 * (2 * 32 + 2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48),
  })
  for (const { method, task, stored_bytes, parameters, step_ms, step_cpu_ms, peak_mb, inference } of methods) {
    expect(task).toBe(method === 'linear-probe' ? 'SEQ_CLS' : 'CAUSAL_LM')
    expect(stored_bytes).toBeGreaterThanOrEqual(4 * parameters)
    for (const measured of [step_ms, step_cpu_ms, peak_mb]) expect(measured).toBeGreaterThan(0)
    if (method === 'linear-probe') expect(inference).toBeNull()
    else for (const ratio of Object.values(inference!)) expect(ratio).toBeGreaterThan(0)
  }
})

test('a base without a place for a method says so; an encoder without a tokenizer is not asked', async () => {
  const { methods, left_out, not_served } = await benchMethods({ ...few, model: tiny('bert'), methods: ['adaption-prompt', 'prompt-adapter'] })
  expect(left_out).toMatchObject([{ method: 'adaption-prompt', message: expect.stringMatching(/adaption-prompt.*SEQ_CLS/) }])
  expect(methods).toMatchObject([{ method: 'prompt-adapter', task: 'SEQ_CLS', inference: null }])
  expect(not_served).toMatch(/tokenizer/)
})

test('a method that is not there is refused before anything is measured', async () => {
  await expect(benchMethods({ ...few, model: tiny('llama'), methods: ['lora', 'lara'] })).rejects.toMatchObject({ code: 'method_not_found' })
})
