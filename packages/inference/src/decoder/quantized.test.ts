import { loadModel, precisionOf } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, expect, test } from 'vitest'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'

const runtime = openRuntime()
afterAll(() => runtime.dispose())

const options = { runtime, device: 'cpu' as const, threads: 1, fixed: createPrefixCache(1 << 20), maxBatch: 2, maxWaiting: 2, prefillChunk: 64 }
const folder = writeTinyLlama()

const logprobs = async (precision: 'float32' | 'int8' | 'int4'): Promise<number[]> => {
  const engine = await openEngine(await loadModel(folder, { precision: precisionOf(precision) }), options)
  try {
    const { results } = await engine.score(null, { texts: ['the weft is drawn in the warp', 'another thread'], tokenLogprobs: true })
    return results.flatMap(({ tokenLogprobs }) => tokenLogprobs!)
  } finally {
    await engine.close()
  }
}

/** Root of the mean square, relative to how far the values spread about their mean. */
const relative = (off: number[], values: number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const square = (list: number[]) => list.reduce((sum, value) => sum + value * value, 0)
  return Math.sqrt(square(off) / square(values.map((value) => value - mean)))
}

// Random weights carry no redundancy that would swallow rounding, as trained ones do: these bounds are wide.
test.each([
  ['int8', 0.08],
  ['int4', 0.5],
] as const)('%s scores near float32, by no more than its rounding', async (precision, bound) => {
  const [plain, quantized] = [await logprobs('float32'), await logprobs(precision)]
  const off = relative(
    quantized.map((value, i) => value - plain[i]),
    plain,
  )
  expect(off).toBeLessThan(bound)
  expect(off).toBeGreaterThan(0)
})
