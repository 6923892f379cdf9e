import { rmSync } from 'node:fs'
import { type Composed, placedComposition, readAdapter } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { AttentionInputs, type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { readRow, type TrainingSpec, trainingSpecSchema } from '@weft/protocol'
import { randomTensor } from '@weft/test/models/tiny-llama'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { fullAnswer } from '@weft/test/oracles/full-answer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tokenBatch } from './batch/batch-tensors.ts'
import { tokenizeRows } from './data/tokenize-rows.ts'
import { GraphEngine } from './graph/engine.ts'
import { frozenProgram } from './graph/frozen-program.ts'
import type { FrozenContext } from './regularize/frozen-context.ts'
import { runTraining, type TrainingFiles, type TrainingHost } from './run/job.ts'

const folders = [writeTinyT5(), writeTinyT5({}, { ends: false })]
const runtime = openRuntime()
let model: LoadedModel
let endless: LoadedModel
beforeAll(async () => {
  ;[model, endless] = await Promise.all(folders.map((folder) => loadModel(folder)))
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
  runtime.dispose()
})

const words = ['whale', 'wool', 'thread', 'weft', 'warp', 'sea', 'speech', 'spam']
const lines = (rows: unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const pairs: TrainingFiles = {
  training: lines(Array.from({ length: 24 }, (_, i) => ({ prompt: `${words[i % 8]} ${words[(i * 3) % 8]}`, completion: words[i % 8] }))),
}
const spec = (overrides: Record<string, unknown> = {}, hyperparameters: Record<string, unknown> = {}): TrainingSpec =>
  trainingSpecSchema.parse({
    jobId: 'j',
    name: 'style/test',
    model: { name: 'base', fingerprint: model.fingerprint },
    method: 'prompt-tuning',
    config: { numVirtualTokens: 4 },
    task: 'SEQ_2_SEQ_LM',
    hyperparameters: { batchSize: 4, maxSteps: 30, evalEvery: 10, learningRate: 0.05, patience: 0, ...hyperparameters },
    seed: 5,
    ...overrides,
  })
const train = (s: TrainingSpec, files = pairs, host: Partial<TrainingHost> = {}) => runTraining(s, files, { model, runtime, plugins, ...host })

describe.each([
  ['prompt-tuning', { numVirtualTokens: 4 }, { inputsEmbeds: { rows: [4, 16] } }],
  ['p-tuning', { numVirtualTokens: 3, encoderHiddenSize: 8 }, { inputsEmbeds: { rows: [3, 16] } }],
  ['prefix-tuning', { numVirtualTokens: 4 }, { keyValue: { prefix: [3, 2, 3, 4, 6] } }],
  ['parallel-prefix', { numVirtualTokens: 4 }, { gatedKeyValue: { prefix: [3, 2, 3, 5, 6] } }],
  ['lora', { r: 2 }, { linear: { 'encoder.block.0.layer.0.SelfAttention.q.a': [2, 16], 'decoder.block.2.layer.1.EncDecAttention.v.b': [18, 2] } }],
])('%s', (method, config, shapes) => {
  test('learns to answer, and its state acts where it should', async () => {
    const losses: number[] = []
    const { adapter, metrics } = await train(spec({ method, config }, method === 'p-tuning' ? { learningRate: 0.005 } : {}), pairs, {
      onEvent: (event) => {
        if (event.type === 'step') losses.push(event.loss)
      },
    })
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length
    expect(mean(losses.slice(-4))).toBeLessThan(mean(losses.slice(0, 4)) - 0.02)
    expect(metrics.perplexity).toBeCloseTo(Math.exp(metrics.loss))
    const { state, manifest } = await readAdapter(adapter, { model: model.spec })
    expect(manifest.task).toBe('SEQ_2_SEQ_LM')
    for (const [site, tensors] of Object.entries(shapes))
      for (const [name, shape] of Object.entries(tensors)) expect(state[site][name].shape, name).toEqual(shape)
  })
})

test('the same seed gives the same bytes, with an interruption or without', async () => {
  const s = spec({}, { checkpointEvery: 5, gradientAccumulation: 2 })
  const whole = await train(s)
  const abort = new AbortController()
  let checkpoint: Uint8Array | undefined
  await expect(
    train(s, pairs, {
      signal: abort.signal,
      onCheckpoint: (bytes, step) => {
        if (step === 5) {
          checkpoint = bytes
          abort.abort()
        }
      },
    }),
  ).rejects.toMatchObject({ code: 'cancelled' })
  expect(Buffer.from((await train(s, pairs, { checkpoint: checkpoint! })).adapter).equals(whole.adapter)).toBe(true)
})

test('only prompts with completions teach it, and only what it can do', async () => {
  const rows = (row: object): TrainingFiles => ({ training: lines(Array.from({ length: 12 }, () => row)) })
  for (const row of [
    { text: 'a whale' },
    {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    },
  ]) {
    await expect(train(spec(), rows(row))).rejects.toMatchObject({
      code: 'wrong_row_kind',
      message: expect.stringContaining('SEQ_2_SEQ_LM, which takes rows of {"prompt","completion"}'),
    })
  }
  await expect(train(spec({ task: 'CAUSAL_LM' }))).rejects.toThrow('SEQ_2_SEQ_LM')
  await expect(train(spec({ task: 'SEQ_CLS' }), rows({ text: 'a', label: 'b' }))).rejects.toThrow()
})

test('a prompt ends with the end-of-text token whether or not the tokenizer puts it there; a completion does unless it was cut', () => {
  const read = ({ tokenizer }: LoadedModel, row: object, maxLength = 32) => {
    const {
      encode,
      eosTokenIds: [eosTokenId],
    } = tokenizer!
    const {
      rows: [{ tokens, targets, weights }],
      truncatedRows,
    } = tokenizeRows([{ line: 1, row: readRow(JSON.stringify(row), 1) }], {
      file: 'training',
      task: 'SEQ_2_SEQ_LM',
      tokenizer: { encode, eosTokenId },
      maxLength,
    })
    return { tokens: [...tokens], targets: [...targets!], weights: [...weights], truncatedRows }
  }
  for (const each of [model, endless]) {
    expect(read(each, { prompt: 'abc', completion: 'de' })).toEqual({ tokens: [2, 3, 4, 1], targets: [5, 6, 1], weights: [1, 1, 1], truncatedRows: 0 })
    expect(read(each, { prompt: 'abc', completion: 'defg', weight: 0.5 }, 3)).toEqual({
      tokens: [2, 3, 1],
      targets: [5, 6, 7],
      weights: [0.5, 0.5, 0.5],
      truncatedRows: 1,
    })
    expect(read(each, { prompt: '', completion: 'd' }).tokens).toEqual([1])
  }
})

test('what lies beneath acts as it does alone: each of several prefixes reaches as far as it did', async () => {
  using weights = await baseWeights(runtime, model)
  const [a, b, c] = ['a', 'b', 'c'].map((name, i) => randomTensor([3, 2, 3, 4 - i, 6], name, 0.8))
  const rows = randomTensor([2, 16], 'rows', 0.8)
  const program = frozenProgram(model, 'SEQ_2_SEQ_LM')
  using engine = new GraphEngine({ program, runtime, weights, attention: new AttentionInputs(model), values: {} })
  const [prompt, targets] = [
    [5, 9, 2, 17, 1],
    [8, 3, 27, 1],
  ]
  const batch = tokenBatch([{ tokens: Uint32Array.from(prompt), targets: Uint32Array.from(targets), weights: Float32Array.of(1, 0, 2, 1), rowWeight: 1 }], {
    rows: 2,
    length: 8,
    targets: 6,
    lossRows: 8,
  })
  const stacked = { shape: [3, 2, 3, 7, 6], data: new Float32Array(3 * 2 * 3 * 7 * 6) }
  for (let head = 0; head < 18; head++) {
    stacked.data.set(a.data.subarray(head * 24, (head + 1) * 24), head * 42)
    stacked.data.set(b.data.subarray(head * 18, (head + 1) * 18), head * 42 + 24)
  }
  const placed = (composed: Composed) => placedComposition(composed, model.spec, () => rows)
  const context: FrozenContext = {
    before: [placed({ segments: [{ kind: 'rows', rows }], sites: { keyValue: { prefix: stacked } }, longestPrefix: 4, prefixLengths: [4, 3] })],
    after: [placed({ segments: [], sites: { keyValue: { prefix: c } }, longestPrefix: 2 })],
  }
  const loss = await engine.loss({ ...batch, context }, 1 / batch.weight)
  const logits = await fullAnswer(model, prompt, targets.slice(0, -1), {
    adapters: [{ keyValue: { prefix: a } }, { keyValue: { prefix: b } }, { keyValue: { prefix: c } }, { inputsEmbeds: { rows } }],
  })
  const V = model.spec.vocabSize
  const nll = targets.map((target, u) => {
    const row = [...logits.subarray(u * V, (u + 1) * V)]
    return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[target]
  })
  expect(loss).toBeCloseTo((nll[0] + 2 * nll[2] + nll[3]) / 4, 5)
})

test('KL-to-base on reference text leaves its answers more as they were', async () => {
  const s = spec({ method: 'lora', config: { r: 2 } }, { maxSteps: 60, learningRate: 0.05 })
  const reference = lines(
    ['the sea is a thread of speech', 'warp and weft and warp again', 'spam is no speech of a whale', 'a wool in the sea of spam'].map((text) => ({ text })),
  )
  const [plain, close] = [
    await train(s, { ...pairs, reference }),
    await train({ ...s, locality: { weight: 5, probability: 1, after: 0 } }, { ...pairs, reference }),
  ]
  const changed = async (file: Uint8Array): Promise<number> => {
    const { state } = await readAdapter(file, { model: model.spec })
    const { encode } = model.tokenizer!
    const [prompt, answer] = [encode('the sea is a '), encode('thread of speech', { addSpecialTokens: false })]
    const [bare, adapted] = [await fullAnswer(model, prompt, answer), await fullAnswer(model, prompt, answer, { adapters: [state as never] })]
    return bare.reduce((sum, value, i) => sum + (value - adapted[i]) ** 2, 0)
  }
  expect(await changed(close.adapter)).toBeLessThan(0.75 * (await changed(plain.adapter)))
})
