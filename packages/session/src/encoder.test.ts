import { rm } from 'node:fs/promises'
import plugins from '@weft/plugins'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ModelSession, openSession } from './index.ts'

const texts = ['anna lives in london', 'the boat and the sailor', 'bert lives in paris', 'call the sailor', 'anna and bert', 'the call and the boat']
const labelled = texts.map((text, i) => ({ text, label: i % 2 ? 'work' : 'people' }))
const sentences = [
  { tokens: ['Anna', 'lives', 'in', 'London', '.'], labels: ['PER', 'O', 'O', 'LOC', -100] },
  { tokens: ['the', 'sailor', 'and', 'Bert', '!'], labels: ['O', 'O', 'O', 'PER', 'O'] },
  { tokens: ['Paris', 'and', 'London'], labels: ['LOC', 'O', 'LOC'] },
  { tokens: ['Bert', 'and', 'Anna', 'call', 'Paris'], labels: ['PER', 'O', 'PER', 'O', 'LOC'] },
]
const hyperparameters = { maxSteps: 60, batchSize: 4, learningRate: 0.05 }

describe.each([
  ['bert', {}],
  ['roberta', { model_type: 'roberta', pad_token_id: 1 }],
  ['distilbert', { model_type: 'distilbert', dim: 32, hidden_dim: 48, n_layers: 2, n_heads: 4 }],
])('%s', (_, config) => {
  let folder: string
  let session: ModelSession
  beforeAll(async () => {
    folder = writeTinyBert(config)
    session = await openSession(folder, { threads: 1 })
  })
  afterAll(async () => {
    await session.close()
    await rm(folder, { recursive: true })
  })

  test.each(['prompt-tuning', 'prefix-tuning', 'lora'])('%s: a classifier says what it was taught', async (method) => {
    const { metrics } = await session.train(method, { method, task: 'SEQ_CLS', rows: labelled, heldOut: labelled, hyperparameters })
    expect(metrics.accuracy).toBe(1)
    const verdicts = await session.classify(method, [...texts, texts[1]])
    expect(verdicts.map(({ label }) => label)).toEqual([...labelled, labelled[1]].map(({ label }) => label))
    // A text is what it is alone, whatever its neighbours in a batch.
    const [alone] = await session.classify(method, [texts[2]])
    for (const label of ['people', 'work']) expect(alone.scores[label]).toBeCloseTo(verdicts[2].scores[label], 5)
  })

  test.each(['cls', 'last', 'mean'] as const)('what is trained with the pooling "%s" is served with it', async (pooling) => {
    await session.train('pooled', {
      method: 'prompt-tuning',
      config: { numVirtualTokens: 3 },
      task: 'SEQ_CLS',
      pooling,
      rows: labelled,
      heldOut: labelled,
      hyperparameters,
    })
    expect(session.adapter('pooled').manifest).toMatchObject({ pooling })
    expect((await session.classify('pooled', texts)).map(({ label }) => label)).toEqual(labelled.map(({ label }) => label))
  })

  test.each(['prompt-tuning', 'prefix-tuning', 'lora'])('%s: words are labelled, wherever they stand', async (method) => {
    const { metrics } = await session.train('names', { method, task: 'TOKEN_CLS', rows: sentences, heldOut: sentences, hyperparameters })
    expect(metrics).toMatchObject({ accuracy: 1, f1: 1, 'rows.PER': 4, 'rows.LOC': 4, 'rows.O': 9 })
    expect(session.adapter('names').manifest).toMatchObject({ task: 'TOKEN_CLS', labels: ['LOC', 'O', 'PER'] })
    const [split, whole] = await session.labelTokens('names', [sentences[0].tokens, 'Anna lives in London.'])
    expect(split.tokens.slice(0, 4).map(({ label }) => label)).toEqual(sentences[0].labels.slice(0, 4))
    expect(whole.tokens.map(({ token, start, end }) => [token, start, end])).toEqual([
      ['Anna', 0, 4],
      ['lives', 5, 10],
      ['in', 11, 13],
      ['London', 14, 20],
      ['.', 20, 21],
    ])
    whole.tokens.forEach(({ label, scores, index }) => {
      expect(label).toBe(split.tokens[index].label)
      expect(scores[label]).toBeCloseTo(split.tokens[index].scores[label], 5)
    })
  })

  test('features are the mean of the hidden states, of the base and of what is composed', async () => {
    const [a, b] = await session.embed('base', ['anna lives in london', 'call the sailor'])
    expect(a).toHaveLength(32)
    expect((await session.embed('base', ['call the sailor', 'anna']))[0]).toEqual(b)
    const [composed] = await session.embed('base + "anna and bert"', ['call the sailor'])
    expect(Math.max(...composed.map((value, i) => Math.abs(value - b[i])))).toBeGreaterThan(1e-3)
  })

  test('what an encoder cannot do is refused with what it can', async () => {
    const refused = expect.objectContaining({ code: 'unsupported_task', message: expect.stringMatching(/cannot .* classify texts, label tokens, embed texts/) })
    await expect(session.generate('base', 'anna')).rejects.toEqual(refused)
    await expect(session.score('base', ['anna'])).rejects.toEqual(refused)
    await expect(session.classify('base', ['anna'])).rejects.toMatchObject({ code: 'head_missing' })
    await expect(session.train('x', { method: 'prompt-tuning', rows: [{ text: 'anna' }] })).rejects.toMatchObject({
      message: expect.stringMatching(/CAUSAL_LM.*SEQ_CLS.*TOKEN_CLS/),
    })
    await expect(session.train('x', { method: 'prompt-tuning', task: 'FEATURE_EXTRACTION', rows: [{ text: 'anna' }] })).rejects.toMatchObject({
      code: 'unsupported_task',
      message: expect.stringContaining('nothing to train'),
    })
    await expect(session.train('x', { method: 'prompt-tuning', task: 'TOKEN_CLS', rows: labelled })).rejects.toMatchObject({
      message: expect.stringMatching(/at least two labels|tokens/),
    })
  })

  test('two adapters act together, in any order of prefixes', async () => {
    await session.train('kind', {
      method: 'prefix-tuning',
      config: { numVirtualTokens: 3 },
      task: 'SEQ_CLS',
      rows: labelled,
      hyperparameters: { ...hyperparameters, maxSteps: 8 },
    })
    await session.train('other', {
      method: 'prefix-tuning',
      config: { numVirtualTokens: 2 },
      task: 'SEQ_CLS',
      rows: labelled,
      hyperparameters: { ...hyperparameters, maxSteps: 4 },
    })
    await expect(session.classify('kind + other', texts)).rejects.toThrow(/kind.*other|other.*kind/)
    const scores = async (expression: string) => (await session.classify(expression, texts)).map(({ scores: { work } }) => work)
    expect(await scores('kind + 0*other')).toEqual(await scores('kind'))
    expect(await scores('kind + "the boat"')).not.toEqual(await scores('kind'))
  })
})

test('every method that labels is served as it was measured', async () => {
  const folder = writeTinyBert()
  await using session = await openSession(folder, { threads: 1 })
  const few = { maxSteps: 3, batchSize: 4, learningRate: 1e-3 }
  const nll = (scores: Record<string, number>, label: string) => -Math.log(scores[label])
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  await session.train('trunk', { method: 'prompt-tuning', config: { numVirtualTokens: 2 }, task: 'SEQ_CLS', rows: labelled, hyperparameters: few })
  // A cartridge is as long as a document unless said, which this model's context is not.
  const configs: Record<string, Record<string, unknown>> = { 'prompt-adapter': { trunk: 'trunk' }, cartridge: { numVirtualTokens: 3 } }
  const able = (task: 'SEQ_CLS' | 'TOKEN_CLS') => plugins.filter(({ tasks }) => !tasks || tasks.includes(task))
  expect(able('TOKEN_CLS').length).toBeGreaterThan(8)
  for (const { id } of able('SEQ_CLS')) {
    const config = configs[id] ?? {}
    const { metrics } = await session.train('x', { method: id, config, task: 'SEQ_CLS', rows: labelled, heldOut: labelled, hyperparameters: few })
    const verdicts = await session.classify('x', texts)
    expect.soft(mean(verdicts.map(({ scores }, i) => nll(scores, labelled[i].label))), id).toBeCloseTo(metrics.loss, 4)
  }
  for (const { id } of able('TOKEN_CLS')) {
    const config = configs[id] ?? {}
    const { metrics } = await session.train('x', { method: id, config, task: 'TOKEN_CLS', rows: sentences, heldOut: sentences, hyperparameters: few })
    const answers = await session.labelTokens(
      'x',
      sentences.map(({ tokens }) => tokens),
    )
    const own = answers.flatMap(({ tokens }, i) =>
      tokens.flatMap((token) => {
        const truth = sentences[i].labels[token.index]
        return typeof truth === 'string' && 'scores' in token ? [nll(token.scores, truth)] : []
      }),
    )
    expect.soft(mean(own), id).toBeCloseTo(metrics.loss, 4)
  }
  await rm(folder, { recursive: true })
}, 300_000)

test('without a pooler in the checkpoint, a classifier that reads through it is refused, and one that does not is trained', async () => {
  const folder = writeTinyBert({}, { without: /pooler/ })
  await using session = await openSession(folder, { threads: 1 })
  const recipe = { method: 'prompt-tuning', config: { numVirtualTokens: 2 }, rows: labelled, heldOut: labelled, hyperparameters }
  await expect(session.train('kind', { ...recipe, task: 'SEQ_CLS' })).rejects.toMatchObject({
    code: 'pooler_missing',
    message: expect.stringContaining('bert.pooler.dense'),
  })
  expect((await session.train('kind', { ...recipe, task: 'SEQ_CLS', pooling: 'mean' })).metrics.accuracy).toBe(1)
  expect((await session.train('names', { ...recipe, task: 'TOKEN_CLS', rows: sentences, heldOut: sentences })).metrics.accuracy).toBeGreaterThan(0.8)
  await rm(folder, { recursive: true })
})
