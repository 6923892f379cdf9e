import { paramsOf, parseConfig } from '@weft/methods'
import { AttentionInputs } from '@weft/model'
import { tinyHost } from '@weft/test/models/tiny-host'
import { expect, test } from 'vitest'
import { type TokenBatch, tokenBatch } from '../batch/batch-tensors.ts'
import { GraphEngine } from '../graph/engine.ts'
import { frozenProgram } from '../graph/frozen-program.ts'
import { parameterSlots } from '../graph/graph.ts'
import { kullbackLeibler, outputLevel } from './level.ts'

const host = tinyHost()

const batchOf = (texts: readonly string[], length: number): TokenBatch => {
  const rows = texts.map((text) => {
    const tokens = Uint32Array.from(host().model.tokenizer!.encode(text))
    return { tokens, weights: Float32Array.from(tokens, (_, t) => (t > 0 ? 1 : 0)), rowWeight: 1 }
  })
  return tokenBatch(rows, { rows: rows.length, length, lossRows: rows.reduce((n, { tokens }) => n + tokens.length - 1, 0) })
}

/** A method's values are noise, those of a weight that it replaces the weight's and noise. */
const engines = async (method: string, config: object) => {
  const { model, runtime, weights, plugins } = host()
  const plugin = plugins.find(({ id }) => id === method)!
  const parsed = parseConfig(plugin, config)
  const program = { ...frozenProgram(model), plugin, config: parsed, params: paramsOf(plugin, parsed, model.spec, []) }
  const values: Record<string, Float32Array> = {}
  for (const { name, shape } of parameterSlots(program)) {
    const held = model.weights.names.includes(name) ? await model.weights.read(name) : new Float32Array(shape.reduce((a, b) => a * b, 1))
    values[name] = held.map((value, i) => value + 0.1 * Math.sin(7 * i))
  }
  const place = { runtime, weights, attention: new AttentionInputs(model) }
  return { own: new GraphEngine({ program, values, ...place }), base: new GraphEngine({ program: frozenProgram(model), values: {}, ...place }) }
}

test.each([
  ['prompt-tuning', { numVirtualTokens: 3 }],
  ['lora', {}],
  // It waits for a token, by an input of each text.
  ['lora', { aloraInvocationTokens: 'of the first text' }],
  ['full', {}],
])('the level of %s, some tokens at a time, is that of whole batches, and no tensor of their logits stays', async (method, config) => {
  const [token] = host().model.tokenizer!.encode('the weft is drawn')
  const { own, base } = await engines(method, 'aloraInvocationTokens' in config ? { aloraInvocationTokens: [token] } : config)
  using _ = own
  using __ = base
  const { vocabSize } = host().model.spec
  const batches = [batchOf(['the weft is drawn', 'the warp stands still'], 32), batchOf(['a thread in the air'], 24)]
  let [sum, count] = [0, 0]
  for (const batch of batches) {
    const [mine, bare] = [(await own.logits(batch)).data.slice(), (await base.logits(batch)).data]
    for (let at = 0; at < batch.bucket.lossRows; at++, count++)
      sum += kullbackLeibler(mine.subarray(at * vocabSize, (at + 1) * vocabSize), bare.subarray(at * vocabSize, (at + 1) * vocabSize))
  }
  const largest: number[] = []
  const watched = (engine: GraphEngine): Pick<GraphEngine, 'hidden' | 'project'> => ({
    hidden: (batch) => engine.hidden(batch),
    async project(hidden, batch) {
      const logits = await engine.project(hidden, batch)
      largest.push(logits.shape[0])
      return logits
    },
  })
  const inWindows = (rows: number) => outputLevel(watched(own), watched(base), vocabSize, batches, rows * vocabSize * 4)
  const whole = await inWindows(1000)
  expect(sum / count).toBeGreaterThan(0.001)
  expect(whole).toBeCloseTo(sum / count, 6)
  // What sessions and hidden states take is there now: another reading leaves nothing.
  const { tensor } = host().runtime.live
  largest.length = 0
  expect(await inWindows(3)).toBeCloseTo(whole!, 6)
  expect(Math.max(...largest)).toBe(3)
  expect(host().runtime.live.tensor).toBe(tensor)
})
