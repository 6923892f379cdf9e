import { rmSync } from 'node:fs'
import { loadModel, precisionOf } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { expect, test } from 'vitest'
import { collect } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import { WeightOverrides } from './weight-overrides.ts'

test('a base that is served in two precisions has an engine of each with the same weights', async () => {
  const folder = writeTinyLlama()
  const runtime = openRuntime()
  const options = { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e6), maxBatch: 2, maxWaiting: 4, prefillChunk: 64 } as const
  const precision = precisionOf('int8')
  const bases = [await openEngine(await loadModel(folder), options), await openEngine(await loadModel(folder, { precision }), options)]
  expect(bases[0]!.model.fingerprint).toBe(bases[1]!.model.fingerprint)
  const overrides = new WeightOverrides(options)
  const weights = { 'model.norm.weight': randomTensor([32], 'norm', 0.2, 1) }
  const [whole, small] = await Promise.all(bases.map((base) => overrides.engine(base, 'key', weights)))
  expect(whole!.model.precision).toBeUndefined()
  expect(small!.model.precision).toEqual(precision)
  expect(await overrides.engine(bases[1]!, 'key', weights)).toBe(small)
  await overrides.close()
  await Promise.all(bases.map((base) => base.close()))
  rmSync(folder, { recursive: true })
})

test('more weights than there is room for are asked at once: every request is answered by its own', async () => {
  const folder = writeTinyLlama()
  const options = { runtime: openRuntime(), device: 'cpu', threads: 1, fixed: createPrefixCache(1e6), maxBatch: 2, maxWaiting: 8, prefillChunk: 64 } as const
  const base = await openEngine(await loadModel(folder), options)
  const overrides = new WeightOverrides(options)
  const ask = async (n: number): Promise<string> => {
    const engine = await overrides.engine(base, `key ${n}`, { 'model.norm.weight': randomTensor([32], `norm ${n}`, 0.2, 1) })
    return (await collect(await engine.generate(null, { prompt: { text: 'the a' }, maxTokens: 8, temperature: 0, topP: 1, topK: 0, stop: [] }))).text
  }
  const alone: string[] = []
  for (const n of [0, 1, 2, 3]) alone.push(await ask(n))
  expect(new Set(alone).size).toBe(4)
  expect(await Promise.all([0, 1, 2, 3, 0, 1, 2, 3].map(ask))).toEqual([...alone, ...alone])
  await overrides.close()
  await expect(ask(0)).rejects.toMatchObject({ code: 'model_loading' })
  await base.close()
  rmSync(folder, { recursive: true })
})
