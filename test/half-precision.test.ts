import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@weft/adapters'
import { benchProgram } from '@weft/bench/training/program'
import { baseWeights } from '@weft/inference/base-weights'
import type { Engine } from '@weft/inference/engine'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { AttentionInputs, type LoadedModel, loadModel, precisionOf, readTokenizer } from '@weft/model'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { GraphEngine, parameterSlots } from '@weft/training'
import { afterAll, describe, expect, test } from 'vitest'
import { tinyConfigs } from './cases/tiny-configs.ts'

const runtime = openRuntime()
const folder = mkdtempSync(join(tmpdir(), 'weft-half-'))
/** Tokens are given as they are; scoring wants a tokenizer all the same. */
const tokenizer = await readTokenizer(join(import.meta.dirname, '../packages/base-model'))
afterAll(() => {
  rmSync(folder, { recursive: true })
  runtime.dispose()
})

/** A model of random weights, small enough that attention is no choice of one among all. */
async function load(architecture: string): Promise<LoadedModel> {
  const file = join(folder, `${architecture}.json`)
  writeFileSync(file, JSON.stringify({ ...tinyConfigs[architecture], initializer_range: 0.2 }))
  return { ...(await loadModel(file)), tokenizer }
}
const inPrecision = (model: LoadedModel, weights: 'float32' | 'float16'): LoadedModel => ({ ...model, precision: precisionOf(weights) })

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0))
/** √Σ(a − b)² relative to √Σb². */
const distance = (a: Float32Array, b: Float32Array, least = 0): number => norm(a.map((x, i) => x - b[i])) / Math.max(norm(b), least)

/** Loss and gradients of one step, by parameter. */
async function step(model: LoadedModel, method: string, scale = 1): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
  const { program, batch } = await benchProgram(model, { method, batch: 2, tokens: 8, virtualTokens: 3, plugins })
  const random = new Random('values')
  const values = Object.fromEntries(
    parameterSlots(program).map(({ name, shape }) => [name, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.normal(0, 0.1))]),
  )
  using weights = await baseWeights(runtime, model)
  using engine = new GraphEngine({ program, runtime, weights, attention: new AttentionInputs(model), values, threads: 1 })
  const loss = (await engine.gradients(batch, scale / batch.weight)) / scale
  return { loss, gradients: new Map(engine.parameters.map(({ name, gradient }) => [name, gradient.map((x) => x / scale)])) }
}

/** What an engine says of tokens: log-probabilities, or an encoder's vector. */
async function answer(model: LoadedModel): Promise<Float32Array> {
  const engine: Engine = await openEngine(model, {
    runtime,
    device: 'cpu',
    threads: 1,
    fixed: createPrefixCache(1e7),
    maxBatch: 2,
    maxWaiting: 8,
    prefillChunk: 7,
  })
  const tokens = Array.from({ length: 20 }, (_, i) => (i * 7 + 3) % 60)
  try {
    if (model.spec.bidirectional) return (await engine.embed(null, [tokens])).vectors[0]
    const { results } = await engine.score(null, { texts: [tokens], tokenLogprobs: true })
    return Float32Array.from(results[0].tokenLogprobs!)
  } finally {
    await engine.close()
  }
}

describe.each(Object.keys(tinyConfigs))('%s in float16', (architecture) => {
  test.each(['prefix-tuning', 'lora', 'full'])('trains with the loss and gradients of float32: %s', async (method) => {
    const model = await load(architecture)
    const [half, full] = [await step(inPrecision(model, 'float16'), method, 512), await step(inPrecision(model, 'float32'), method)]
    expect(Math.abs(half.loss - full.loss)).toBeLessThan(1e-3 * full.loss)
    // A gradient that is zero but for rounding (of a key's bias: softmax does not see it) is compared with the largest.
    const least = 1e-3 * Math.max(...[...full.gradients.values()].map(norm))
    for (const [name, gradient] of half.gradients) expect(distance(gradient, full.gradients.get(name)!, least), name).toBeLessThan(0.01)
  })

  test('answers as float32 does', async () => {
    const model = await load(architecture)
    const [half, full] = [await answer(inPrecision(model, 'float16')), await answer(inPrecision(model, 'float32'))]
    expect(distance(half, full)).toBeLessThan(1e-3)
  })
})
