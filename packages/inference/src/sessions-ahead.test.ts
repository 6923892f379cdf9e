import { rmSync } from 'node:fs'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { compositionsOf } from '@weft/test/cases/serving/random-requests'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Named } from './engine.ts'
import { collect } from './generation/generate.ts'
import { openEngine } from './open-engine.ts'
import { createPrefixCache } from './prefix-cache/prefix-cache.ts'

const folder = writeTinyLlama()
let model: LoadedModel
let compositions: Map<string, NonNullable<Named>>
beforeAll(async () => {
  model = await loadModel(folder)
  compositions = new Map((await compositionsOf(model)).map((named) => [named.key, named]))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('any mix of what was prepared answers at once, while sessions of its own are still being made', async () => {
  const runtime = openRuntime()
  const gate = Promise.withResolvers<void>()
  let isClosed = false
  let held = 0
  const load: typeof runtime.load = async (...args) => {
    if (isClosed) {
      held++
      await gate.promise
    }
    return runtime.load(...args)
  }
  const slow = new Proxy(runtime, { get: (target, name) => (name === 'load' ? load : bound(target, Reflect.get(target, name, target))) })
  const engine = await openEngine(model, {
    runtime: slow,
    device: 'cpu',
    threads: 1,
    fixed: createPrefixCache(64e6),
    maxBatch: 8,
    maxWaiting: 64,
    prefillChunk: 64,
  })
  const kinds = ['lora', 'ia3', 'gated', '0.5*prefix'].map((key) => compositions.get(key)!)
  const ask = async (named: Named, maxTokens: number) =>
    (await collect(await engine.generate(named, { prompt: { text: 'the weft is' }, maxTokens, temperature: 0, topP: 1, topK: 0, stop: [] }))).tokens
  for (const kind of kinds) await engine.prepare(kind)
  isClosed = true
  const mix = [kinds[0], kinds[1], null, kinds[2], kinds[3], kinds[0]]
  const together = await Promise.all(mix.map((named, i) => ask(named, 4 + 2 * i)))
  // The mixes themselves were not made, and nobody waited for them.
  expect(held).toBeGreaterThan(0)
  isClosed = false
  gate.resolve()
  const alone = []
  for (const [i, named] of mix.entries()) alone.push(await ask(named, 4 + 2 * i))
  expect(together).toEqual(alone)
  await engine.close()
  runtime.dispose()
})

const bound = (target: object, value: unknown): unknown => (typeof value === 'function' ? value.bind(target) : value)
