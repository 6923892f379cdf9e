import { rmSync } from 'node:fs'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { expect, test } from 'vitest'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import { devicePrecision } from './device-precision.ts'

test.runIf(process.arch === 'x64')('with weights in few bits a CPU of x64 holds keys and values in float16', () => {
  expect(devicePrecision('cpu', 'int8')).toMatchObject({ weights: 'int8', compute: 'float32', cache: 'float16' })
  expect(devicePrecision('cpu', 'int4').cache).toBe('float16')
  expect(devicePrecision('cpu', 'float32').cache).toBeUndefined()
})

test.each(['int8', 'int4'] as const)('where Node has no arrays of float16, as Node 22, weights in %s are served all the same', async (weights) => {
  // Deleted, not stubbed: what is looked for is whether it is there.
  const { Float16Array: own } = globalThis
  Reflect.deleteProperty(globalThis, 'Float16Array')
  const folder = writeTinyLlama()
  const runtime = openRuntime()
  try {
    const options = { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e6), maxBatch: 1, maxWaiting: 1, prefillChunk: 8 } as const
    const engine = await openEngine(await loadModel(folder, { precision: devicePrecision('cpu', weights) }), options)
    const { vectors } = await engine.embed(null, ['a boat of long ago'])
    expect(vectors[0]!.every(Number.isFinite)).toBe(true)
    await engine.close()
  } finally {
    globalThis.Float16Array = own
    runtime.dispose()
    rmSync(folder, { recursive: true })
  }
})
