import { rmSync } from 'node:fs'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, expect, test } from 'vitest'
import { besideBase, rowsTaken } from './composition.ts'
import { benchRun } from './run.ts'

const model = writeTinyLlama()
afterAll(() => rmSync(model, { recursive: true }))

test('an answer that the model has no positions for is refused, alone and behind a composition', async () => {
  const most = 384
  const asked = { model, requests: 1, promptTokens: 370 }
  await expect(benchRun({ ...asked, tokens: 15 })).rejects.toMatchObject({
    code: 'context_length_exceeded',
    message: expect.stringContaining(`take ${most + 1} positions, and the model has ${most}`),
  })
  const { first_tokens } = await benchRun({ ...asked, tokens: 14 })
  expect(first_tokens).toHaveLength(14)
  await expect(benchRun({ ...asked, tokens: 14, composition: 'bench/a', virtualTokens: 2 })).rejects.toMatchObject({
    code: 'context_length_exceeded',
    details: { needed: most + 2, limit: most },
  })
})

test('experts take a row for each operand and one for the base, and are timed as such', async () => {
  const result = await benchRun({ model, requests: 1, promptTokens: 4, tokens: 4, virtualTokens: 2, rows: 2, composition: 'experts(parallel/a, lora/b)' })
  // A gated prefix has virtual tokens, and takes no positions.
  expect(result).toMatchObject({ virtual_tokens: 2, positions_before_prompt: 0 })
  expect(result.warm!.decode_cpu_ms_per_token).toBeGreaterThan(0)
  expect(result.one_operand!.decode_cpu_ms_per_token).toBeGreaterThan(0)
  expect(result.warm_over_one_operand!.per_token).toBeGreaterThan(0)
  expect(result.batch).toMatchObject({ rows: 2 })
  expect([rowsTaken('experts(parallel/a, lora/b)'), rowsTaken('ensemble(a, b)'), rowsTaken('a + b')]).toEqual([3, 2, 1])
  const alone = await benchRun({ model, requests: 1, promptTokens: 4, tokens: 4, virtualTokens: 2, composition: 'experts(bench/a, bench/b)' })
  expect(alone).toMatchObject({ virtual_tokens: 2, positions_before_prompt: 2 })
})

test('a composition may name the base first, as a request does', () => {
  expect([besideBase('base + lora/a'), besideBase('experts(a, b)')]).toEqual(['lora/a', 'experts(a, b)'])
  expect(() => besideBase('base')).toThrow(expect.objectContaining({ code: 'composition_bare' }))
  expect(() => besideBase('experts(base, a)')).toThrow(expect.objectContaining({ code: 'model_not_first' }))
})

test('a profile names the operators of a decode step, each as often as the graph has it', async () => {
  const { profile, first_tokens } = await benchRun({ model, precision: 'int8', requests: 1, promptTokens: 6, tokens: 3, profile: true })
  expect(first_tokens).toHaveLength(3)
  expect(profile!.slots).toBe(6)
  const layers = 2
  expect(profile!.ops.find(({ op }) => op === 'GroupQueryAttention')).toMatchObject({ nodes: layers })
  expect(profile!.ops.find(({ op }) => op === 'MatMulNBits')).toMatchObject({ nodes: 4 * layers + 1 })
  const sum = profile!.ops.reduce((total, { microseconds }) => total + microseconds, 0)
  expect(Math.abs(sum - profile!.microseconds)).toBeLessThanOrEqual(profile!.ops.length)
})
