import { rmSync } from 'node:fs'
import { loadModel, precisionOf } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { expect, test } from 'vitest'
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
