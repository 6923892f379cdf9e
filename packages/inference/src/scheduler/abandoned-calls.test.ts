import { getEventListeners } from 'node:events'
import { rmSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { Binding } from '@weft/ort/session/binding'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { afterAll, expect, test, vi } from 'vitest'
import { CacheBatch } from '../decoder/cache-batch.ts'
import { Forward } from '../decoder/forward.ts'
import type { Asked, Engine, Named } from '../engine.ts'
import { collect } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'

const folders = { llama: writeTinyLlama(), bert: writeTinyBert(), t5: writeTinyT5() }
const runtime = openRuntime()
afterAll(() => {
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true })
})

/** A composition of its own for every call, which has to be computed before its answer. */
const composition = ({ model: { spec } }: Engine, seed: number): Named => ({
  key: `key ${seed}`,
  composed: {
    segments: [{ kind: 'rows', rows: randomTensor([4, spec.hiddenSize], `rows ${seed}`, 0.4) }],
    sites: spec.encoderDecoder ? {} : { head: { weight: randomTensor([2, spec.hiddenSize], 'head') } },
    longestPrefix: 0,
  },
})
const texts = ['the warp and the weft, ', 'a thread ', 'and a boat of long ago '].map((text) => text.repeat(3))

type Call = (engine: Engine, seed: number, signal?: AbortSignal) => Promise<unknown>
const calls: Record<string, { folder: string; call: Call }> = {
  'scores of a decoder': { folder: folders.llama, call: (engine, seed, signal) => engine.score(composition(engine, seed), { texts }, signal) },
  'classes of a decoder': { folder: folders.llama, call: (engine, seed, signal) => engine.classify(composition(engine, seed), texts, {}, signal) },
  'classes of an encoder': { folder: folders.bert, call: (engine, seed, signal) => engine.classify(composition(engine, seed), texts, {}, signal) },
  'vectors of an encoder': { folder: folders.bert, call: (engine, seed, signal) => engine.embed(composition(engine, seed), texts, {}, signal) },
  'scores of an encoder-decoder': {
    folder: folders.t5,
    call: (engine, seed, signal) => engine.score(composition(engine, seed), { texts, prompt: 'waves' }, signal),
  },
}

test.each(Object.entries(calls))('200 abandoned calls hold the next one up for a step at most: %s', async (_, { folder, call }) => {
  const options = { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1), maxBatch: 4, maxWaiting: 300, prefillChunk: 16 } as const
  const engine = await openEngine(await loadModel(folder), options)
  const runs = vi.spyOn(Binding.prototype, 'run')
  try {
    await call(engine, -1)
    const alone = runs.mock.calls.length
    expect(alone).toBeGreaterThan(0)
    const gone = new AbortController()
    const abandoned = Array.from({ length: 200 }, (_, seed) => call(engine, seed, gone.signal))
    const outcomes = Promise.allSettled(abandoned)
    while (runs.mock.calls.length <= alone) await setImmediate()
    gone.abort(new Error('left'))
    const before = runs.mock.calls.length
    await call(engine, 1000)
    expect(runs.mock.calls.length - before).toBeLessThanOrEqual(alone + 1)
    const left = (await outcomes).filter((outcome) => outcome.status === 'rejected')
    expect(left.length).toBeGreaterThanOrEqual(199)
    for (const { reason } of left) expect(reason).toMatchObject({ message: 'left' })
  } finally {
    runs.mockRestore()
    await engine.close()
  }
})

test.each(['llama', 't5'] as const)('a signal that lives on holds nothing of what has ended: %s', async (family) => {
  const options = { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e6), maxBatch: 4, maxWaiting: 16, prefillChunk: 16 } as const
  const engine = await openEngine(await loadModel(folders[family]), options)
  const { signal } = new AbortController()
  const together: Asked = { operator: 'ensemble', operands: [1, 2].map((seed) => ({ weight: 0.5, named: composition(engine, seed)! })) }
  const sampling = { maxTokens: 3, temperature: 0, topP: 1, topK: 0, stop: [] }
  for (const text of texts) await collect(await engine.generate(composition(engine, 1), { prompt: { text }, ...sampling }, signal))
  if (family === 'llama') await engine.score(together, { texts: [...texts, ...texts] }, signal)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  await engine.close()
})

test('rows that have no place yet are forgotten with their request', async () => {
  const options = { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e6), maxBatch: 4, maxWaiting: 16, prefillChunk: 16 } as const
  const engine = await openEngine(await loadModel(folders.llama), options)
  const asked: Asked = { operator: 'ensemble', operands: [1, 2].map((seed) => ({ weight: 0.5, named: composition(engine, seed)! })) }
  const expected = vi.spyOn(CacheBatch.prototype, 'expect')
  const gone = new AbortController()
  // The first row's prompt fills the pieces of some steps, and the request is given up before the second one's is begun.
  const decode = vi.spyOn(Forward.prototype, 'decode').mockImplementation(async () => gone.abort())
  const sampling = { maxTokens: 3, temperature: 0, topP: 1, topK: 0, stop: [] }
  await collect(await engine.generate(asked, { prompt: { tokens: Array.from({ length: 48 }, (_, i) => i) }, ...sampling }, gone.signal))
  await engine.idle()
  decode.mockRestore()
  const rows = expected.mock.calls.flatMap(([rows]) => rows.map((row) => new WeakRef(row)))
  expected.mockRestore()
  expect(rows).toHaveLength(2)
  // The batch and the scheduler have others in hand since.
  await collect(await engine.generate(null, { prompt: { text: 'waves' }, ...sampling }))
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let turn = 0; turn < 10 && rows.some((row) => row.deref()); turn++) {
    await setImmediate()
    gc()
  }
  expect(rows.filter((row) => row.deref())).toHaveLength(0)
  await engine.close()
})
