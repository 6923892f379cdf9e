import { rm } from 'node:fs/promises'
import type { Composed, FloatTensor, SiteValues } from '@weft/adapters'
import { GraphBuilder, interpret, type TensorData } from '@weft/graph'
import { type LoadedModel, loadModel, trainingForward } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { textLabels, tokenLabels } from '@weft/protocol'
import { hooksOf } from '@weft/test/cases/hooks'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { randomTensor } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine, Named } from '../engine.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import { batches } from './forward.ts'

const H = 32
const rows = randomTensor([3, H], 'rows')
const prefix = randomTensor([2, 2, 4, 5, 8], 'prefix')
const head = { weight: randomTensor([3, H], 'head'), bias: randomTensor([3], 'bias') }
const dense = { 'dense.weight': randomTensor([H, H], 'dense'), 'dense.bias': randomTensor([H], 'dense bias') }
const inLayers = {
  linear: {
    'bert.encoder.layer.1.attention.self.query.a': randomTensor([2, H], 'a'),
    'bert.encoder.layer.1.attention.self.query.b': randomTensor([H, 2], 'b'),
  },
  scale: { 'bert.encoder.layer.0.output.dense.in': randomTensor([48], 'in', 0.3, 1) },
  gatedKeyValue: { prefix: randomTensor([2, 2, 4, 3, 8], 'gated'), gate: randomTensor([2, 4, 1], 'gate'), lengths: { shape: [1], data: Float32Array.of(3) } },
}
const strengths = (...of: number[]): FloatTensor => ({ shape: [of.length], data: Float32Array.from(of) })
const composed = (over: Partial<Composed>): Composed => ({ segments: [], sites: {}, longestPrefix: 0, ...over })

const compositions: Record<string, Composed> = {
  nothing: composed({ sites: { head } }),
  'rows, stronger and weaker': composed({ segments: [{ kind: 'rows', rows, bias: strengths(0.7, -1, 0) }], sites: { head } }),
  'a prefix at some strength': composed({ sites: { head, keyValue: { prefix, bias: strengths(-1, -1, -1, 0.5, 0) } }, longestPrefix: 5 }),
  'rows, a text and two prefixes': composed({
    segments: [
      { kind: 'rows', rows },
      { kind: 'text', text: 'the boat', bias: -0.5 },
    ],
    sites: { head, keyValue: { prefix } },
    longestPrefix: 3,
  }),
  'what acts inside layers': composed({ sites: { head, ...inLayers } }),
  'a head of two layers': composed({ segments: [{ kind: 'rows', rows }], sites: { head: { ...head, ...dense } } }),
}

const runtime = openRuntime()
let folder: string
let model: LoadedModel
let engine: Engine
beforeAll(async () => {
  folder = writeTinyBert()
  model = await loadModel(folder)
  engine = await openEngine(model, { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e6), maxBatch: 4, maxWaiting: 4, prefillChunk: 8 })
})
afterAll(async () => {
  await engine.close()
  runtime.dispose()
  await rm(folder, { recursive: true })
})

const encode = (text: string): number[] => model.tokenizer!.encode(text)
const texts = ['anna lives in london', '', 'the sailor and the boat call, and anna lives in paris and in london and in paris!', 'call', 'bert']

/** Hidden states `[S, H]` of one text in the reference interpreter, its masks and positions written by hand. */
function oracle(
  { segments, sites: { head: _, keyValue, ...sites }, longestPrefix }: Composed,
  tokens: readonly number[],
): { hidden: Float32Array; before: number } {
  const g = new GraphBuilder('oracle')
  const constant = ({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }) => g.constant(data as Float32Array, [...shape])
  const { embedding } = engine.sessions
  const blocks = segments.map((segment) => {
    if (segment.kind === 'rows') return { rows: segment.rows.data, bias: [...(segment.bias?.data ?? new Float32Array(segment.rows.shape[0]))] }
    const ids = model.tokenizer!.encode(segment.text, { addSpecialTokens: false })
    return { rows: embedding.rows(ids), bias: ids.map(() => segment.bias ?? 0) }
  })
  const adapters: SiteValues[] = [
    ...blocks.map((block) => ({ inputsEmbeds: { rows: g.constant(block.rows, [block.rows.length / H, H]) } })),
    ...(keyValue ? [{ keyValue: { prefix: constant(keyValue.prefix) } }] : []),
    Object.fromEntries(
      Object.entries(sites).map(([site, tensors]) => [site, Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, constant(tensor)]))]),
    ),
  ]
  const hooks = hooksOf(g, adapters)
  const { rows: before, prefix: columns } = hooks.placement
  const { hidden } = trainingForward(g, model, hooks, { batch: 1, tokens: tokens.length })
  g.output('hidden', hidden)
  const S = before + tokens.length
  const column = [...(keyValue?.bias?.data ?? new Float32Array(columns)), ...blocks.flatMap(({ bias }) => bias), ...tokens.map(() => 0)]
  const feeds: Record<string, TensorData> = {
    input_ids: { dtype: 'int64', shape: [1, tokens.length], data: BigInt64Array.from(tokens, BigInt) },
    position_ids: { dtype: 'int64', shape: [S], data: BigInt64Array.from({ length: S }, (_, i) => BigInt(longestPrefix + i)) },
    attention_bias: {
      dtype: 'float32',
      shape: [1, 1, S, column.length],
      data: Float32Array.from({ length: S * column.length }, (_, i) => column[i % column.length]),
    },
  }
  const weights = Object.fromEntries(
    model.weights.names.map((name): [string, TensorData] => [name, { dtype: 'float32', shape: model.weights.shape(name), data: model.weights.readSync(name) }]),
  )
  return { hidden: interpret(g.build(), feeds, weights).hidden.data as Float32Array, before }
}

/** y = W x + b, by hand. */
const dot = (x: ArrayLike<number>, weight: { data: ArrayLike<number> }, bias: { data: ArrayLike<number> }): number[] =>
  Array.from(bias.data, (b, c) => Array.from(x).reduce((sum, value, i) => sum + value * weight.data[c * x.length + i], b))
const softmax = (logits: readonly number[]): number[] => {
  const odds = logits.map((logit) => Math.exp(logit - Math.max(...logits)))
  return odds.map((one) => one / odds.reduce((a, b) => a + b))
}
const pooler = () => ({
  weight: { data: model.weights.readSync('bert.pooler.dense.weight') },
  bias: { data: model.weights.readSync('bert.pooler.dense.bias') },
})

/** Probabilities from one vector, through the pooler where the first position is read. */
const probabilities = (state: ArrayLike<number>, { sites: { head } }: Composed, pooled: boolean): number[] => {
  const { weight, bias, ...before } = head
  let x: ArrayLike<number> = pooled ? dot(state, pooler().weight, pooler().bias).map(Math.tanh) : state
  if (before['dense.weight']) x = dot(x, before['dense.weight'], before['dense.bias']).map(Math.tanh)
  return softmax(dot(x, weight, bias))
}
const near = (got: readonly number[], expected: readonly number[]) => got.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4))

describe.each(Object.entries(compositions))('%s', (name, composition) => {
  const named = (over: Partial<Composed> = {}): Named => ({ key: name, composed: { ...composition, ...over } })

  test.each([
    ['peft', (hidden: Float32Array) => hidden.subarray(0, H), true],
    ['cls', (hidden: Float32Array, before: number) => hidden.subarray(before * H, (before + 1) * H), true],
    ['last', (hidden: Float32Array) => hidden.subarray(hidden.length - H), false],
    [
      'mean',
      (hidden: Float32Array, before: number) =>
        Array.from({ length: H }, (_, i) => {
          const own = hidden.subarray(before * H).filter((__, at) => at % H === i)
          return own.reduce((sum, value) => sum + value, 0) / own.length
        }),
      false,
    ],
  ] as const)('texts, read as "%s"', async (pooling, read, pooled) => {
    const results = textLabels((await engine.classify(named({ pooling }), texts)).results)
    texts.forEach((text, i) => {
      const { hidden, before } = oracle(composition, encode(text))
      near(Object.values(results[i].scores), probabilities(read(hidden, before), composition, pooled))
    })
  })

  test('tokens', async () => {
    const { dense: _, ...plain } = head as typeof head & { dense?: unknown }
    const { results } = await engine.classify(named({ task: 'TOKEN_CLS', sites: { ...composition.sites, head: plain } }), ['anna calls', 'bert'])
    const { hidden, before } = oracle(composition, encode('anna calls'))
    const [first] = results
    if (!('tokens' in first)) throw new Error('labels of tokens expected')
    expect(first.tokens.map(({ token, index }) => [token, index])).toEqual([
      ['anna', 0],
      ['calls', 1],
    ])
    // [CLS] anna call ##s [SEP]: each word is known by its first piece.
    first.tokens.forEach(({ scores }, i) =>
      near(Object.values(scores), softmax(dot(hidden.subarray((before + 1 + i) * H, (before + 2 + i) * H), head.weight, head.bias))),
    )
  })

  test('features', async () => {
    const { vectors, tokens } = await engine.embed(named(), texts)
    expect(tokens).toBe(texts.reduce((sum, text) => sum + encode(text).length, 0))
    const { hidden, before } = oracle(composition, encode(texts[0]))
    near(
      [...vectors[0]],
      Array.from({ length: H }, (_, i) => encode(texts[0]).reduce((sum, __, t) => sum + hidden[(before + t) * H + i], 0) / encode(texts[0]).length),
    )
  })
})

test('features beneath a classifier of texts that reads the last token are of that one, unless the request says otherwise', async () => {
  const classifier = (pooling: 'peft' | 'cls' | 'last'): Named => ({ key: pooling, composed: { segments: [], sites: { head }, longestPrefix: 0, pooling } })
  const [last, mean] = await Promise.all((['last', 'mean'] as const).map(async (pooling) => (await engine.embed(null, texts, { pooling })).vectors))
  near([...(await engine.embed(classifier('last'), texts)).vectors[0]!], [...last![0]!])
  near([...(await engine.embed(classifier('last'), texts, { pooling: 'mean' })).vectors[0]!], [...mean![0]!])
  for (const pooling of ['peft', 'cls'] as const) near([...(await engine.embed(classifier(pooling), texts)).vectors[0]!], [...mean![0]!])
})

test('features that are no numbers are refused', async () => {
  const rows = { shape: [1, H], data: new Float32Array(H).fill(Number.NaN) }
  const composition: Named = { key: 'beyond', composed: { segments: [{ kind: 'rows', rows }], sites: {}, longestPrefix: 0 } }
  await expect(engine.embed(composition, ['call', 'boat'])).rejects.toMatchObject({ code: 'logits_not_finite' })
})

test('features of what is longer than the context are refused, or cut where that is allowed; tokens are taken as they are', async () => {
  const composition: Named = { key: 'cut', composed: compositions['rows, a text and two prefixes'] }
  const room = model.spec.maxPositions - 3 - 3 - 2
  const long = 'the boat and '.repeat(40)
  await expect(engine.embed(composition, ['call', long])).rejects.toMatchObject({
    code: 'context_length_exceeded',
    param: 'input[1]',
    details: { needed: encode(long).length, limit: room },
  })
  const cut = await engine.embed(composition, ['call', long], { truncate: true })
  expect(cut.tokens).toBe(encode('call').length + room)
  const whole = encode(long)
  const byHand = await engine.embed(composition, [encode('call'), [...whole.slice(0, room - 1), whole.at(-1)!]])
  expect(byHand.vectors).toEqual(cut.vectors)
  await expect(engine.embed(null, ['call', [1, 1_000_000]])).rejects.toMatchObject({ code: 'token_out_of_range', param: 'input[1]' })
  const endless = ['call', 'x'.repeat(1_000_001)]
  for (const asked of [engine.embed(null, endless), engine.classify(composition, endless)])
    await expect(asked).rejects.toMatchObject({ code: 'text_too_long', param: 'input[1]' })
})

test('a text to label that is longer than the context is refused, or cut where that is asked for, and keeps its last token', async () => {
  const composition: Named = { key: 'cut', composed: compositions['rows, a text and two prefixes'] }
  const long = 'the boat and '.repeat(40)
  const room = model.spec.maxPositions - 3 - 3 - 2
  expect(encode(long).length).toBeGreaterThan(room)
  await expect(engine.classify(composition, ['call', long])).rejects.toMatchObject({
    code: 'context_length_exceeded',
    param: 'input[1]',
    details: { needed: encode(long).length, limit: room },
  })
  const { results, tokens } = await engine.classify(composition, [long], { truncate: true })
  expect(tokens).toBe(room)
  expect(results[0]).toMatchObject({ tokensRead: room, truncated: true })
  const [short] = (await engine.classify(composition, ['call'], { truncate: true })).results
  expect(short.tokensRead).toBe(encode('call').length)
  expect(short).not.toHaveProperty('truncated')
  const { hidden } = oracle(composition!.composed, [...encode(long).slice(0, room - 1), encode(long).at(-1)!])
  near(Object.values(textLabels(results)[0].scores), probabilities(hidden.subarray(0, H), composition!.composed, true))
  const byWord: Named = { key: 'words', composed: { ...composition!.composed, task: 'TOKEN_CLS' } }
  await expect(engine.classify(byWord, [long])).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'input[0]' })
  const [labelled] = tokenLabels((await engine.classify(byWord, [long], { truncate: true })).results)
  expect(labelled).toMatchObject({ truncated: true })
  expect(labelled.tokensRead).toBeLessThanOrEqual(room)
  expect(labelled.tokens.length).toBeLessThan(120)
  const full: Named = { key: 'full', composed: composed({ segments: [{ kind: 'rows', rows: randomTensor([64, H], 'many') }], sites: { head } }) }
  await expect(engine.classify(full, ['x'])).rejects.toMatchObject({ code: 'context_length_exceeded' })
})

test('texts of like length run together, and no run is large', () => {
  const lengths = [3, 700, 12, 15, 40, 5, 6, 7, 8, 9, 500, 510, 490, 480, 470]
  const runs = batches(
    lengths.map((length) => Array<number>(length)),
    1000,
  )
  expect(runs.flatMap(({ rows }) => rows).sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i))
  for (const {
    rows,
    shape: { batch, tokens },
  } of runs) {
    expect(rows.length).toBeLessThanOrEqual(batch)
    expect(Math.max(...rows.map((i) => lengths[i]))).toBeLessThanOrEqual(tokens)
    expect(batch * tokens).toBeLessThanOrEqual(2048)
  }
  expect(runs).toContainEqual({ rows: [1], shape: { batch: 1, tokens: 1000 } })
  expect(batches([Array<number>(5)], 7)).toEqual([{ rows: [0], shape: { batch: 1, tokens: 7 } }])
})
