import { rmSync } from 'node:fs'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, expect, test } from 'vitest'
import { benchMix } from './mix.ts'

const model = writeTinyLlama()
afterAll(() => rmSync(model, { recursive: true }))

test('rows of every kind are answered side by side, and their throughput is told beside that of bare rows', async () => {
  const result = await benchMix({ model, kind: 'mixed', rows: 8, promptTokens: 5, tokens: 4, virtualTokens: 3, rank: 2, rounds: 1 })
  expect(result).toMatchObject({ precision: 'float32', kind: 'mixed', rows: 8, prompt_tokens: 5, new_tokens: 4 })
  await expect(benchMix({ model, kind: 'prefix', rows: 1, promptTokens: 300, tokens: 4, virtualTokens: 81, rank: 2, rounds: 1 })).rejects.toMatchObject({
    code: 'context_length_exceeded',
  })
  for (const name of ['bare_tokens_per_s', 'composed_tokens_per_s', 'ratio', 'cpu_ratio'] as const) expect(result[name], name).toBeGreaterThan(0)
})

test('frozen weights are held in the precision that is asked for', async () => {
  const result = await benchMix({ model, precision: 'int8', kind: 'lora', rows: 2, promptTokens: 5, tokens: 4, virtualTokens: 3, rank: 2, rounds: 1 })
  expect(result).toMatchObject({ precision: 'int8', kind: 'lora' })
})
