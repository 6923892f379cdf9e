import { rm } from 'node:fs/promises'
import { writeTinyGpt2 } from '@weft/test/models/tiny-llama'
import { tinySession } from '@weft/test/models/tiny-session'
import { beforeAll, expect, test } from 'vitest'
import { type ModelSession, openSession } from './index.ts'

const theSession = tinySession()
let session: ModelSession
beforeAll(() => {
  session = theSession()
})

const hyperparameters = { maxSteps: 60, batchSize: 4, learningRate: 0.05 }
const rows = ['warp is set', 'air is cold', 'weft is thin', 'and it is so', 'the thread', 'in the end'].map((text, i) => ({
  text,
  label: i % 2 ? 'air' : 'boat',
}))
const sentences = [
  { tokens: ['Anna', 'is', 'in', 'Rome', '.'], labels: ['PER', 'O', 'O', 'LOC', null] },
  { tokens: ['Rome', 'is', 'there'], labels: ['LOC', 'O', 'O'] },
  { tokens: ['in', 'Rome', ',', 'Anna', 'is', 'there'], labels: ['O', 'LOC', 'O', 'PER', 'O', 'O'] },
  { tokens: ['Anna', 'is', 'there', 'in', 'Rome'], labels: ['PER', 'O', 'O', 'O', 'LOC'] },
]

test.each(['peft', 'last', 'mean', 'cls'] as const)('a decoder that reads "%s" answers as it was measured', async (pooling) => {
  const { metrics } = await session.train('kind', {
    method: 'prompt-tuning',
    config: { numVirtualTokens: 3 },
    task: 'SEQ_CLS',
    pooling,
    rows,
    heldOut: rows,
    hyperparameters,
  })
  const verdicts = await session.classify(
    'kind',
    rows.map(({ text }) => text),
  )
  expect(verdicts.filter(({ label }, i) => label === rows[i].label).length / rows.length).toBeCloseTo(metrics.accuracy, 9)
  expect(metrics.accuracy).toBe(1)
  const loss = verdicts.reduce((sum, { scores }, i) => sum - Math.log(scores[rows[i].label]), 0) / rows.length
  expect(loss).toBeCloseTo(metrics.loss, 4)
})

test('labels may be called what every object has', async () => {
  const odd = ['__proto__', 'constructor', 'toString']
  const named = [...rows, ...rows].map(({ text }, i) => ({ text, label: odd[i % 3] }))
  const { metrics } = await session.train('odd', { method: 'prompt-tuning', task: 'SEQ_CLS', rows: named, heldOut: named, hyperparameters: { maxSteps: 2 } })
  expect(Object.keys(metrics).filter((name) => name.startsWith('rows.'))).toEqual(['rows.__proto__', 'rows.constructor', 'rows.toString'])
  const [{ label, scores }] = await session.classify('odd', ['warp is set'])
  expect(Object.keys(scores)).toEqual([...odd].sort())
  expect(odd).toContain(label)
  expect(Object.entries(scores).reduce((sum, [, score]) => sum + score, 0)).toBeCloseTo(1, 6)
})

test.each(['prompt-tuning', 'prefix-tuning', 'lora'])('%s: a decoder labels words from what stands before them', async (method) => {
  const { metrics } = await session.train('names', { method, task: 'TOKEN_CLS', rows: sentences, heldOut: sentences, hyperparameters })
  const answers = await session.labelTokens(
    'names',
    sentences.map(({ tokens }) => tokens),
  )
  const pairs = answers.flatMap(({ tokens }, i) =>
    tokens.flatMap(({ index, ...token }) => {
      const truth = sentences[i].labels[index]
      return truth === null || !('scores' in token) ? [] : [{ truth, ...token }]
    }),
  )
  expect(pairs).toHaveLength(18)
  expect(pairs.filter(({ label, truth }) => label === truth).length / pairs.length).toBeCloseTo(metrics.accuracy, 9)
  expect(pairs.reduce((sum, { scores, truth }) => sum - Math.log(scores[truth]), 0) / pairs.length).toBeCloseTo(metrics.loss, 4)
  expect(metrics.accuracy).toBeGreaterThan(0.8)
  await expect(session.classify('names', ['Anna'])).rejects.toMatchObject({ code: 'head_labels_tokens' })
  await expect(session.labelTokens('kind', ['warp'])).rejects.toMatchObject({ code: 'head_labels_texts' })
})

test('a decoder gives vectors of texts, of the base and beneath a composition', async () => {
  const [[bare], [last], [composed]] = await Promise.all([
    session.embed('base', ['warp is set']),
    session.embed('base', ['warp is set'], { pooling: 'last' }),
    session.embed('kind', ['warp is set'], { pooling: 'mean' }),
  ])
  for (const other of [last, composed]) expect(Math.max(...bare!.map((value, i) => Math.abs(value - other![i]!)))).toBeGreaterThan(0.01)
})

test('one without an output projection classifies and embeds; it never answers by a head that it has not', async () => {
  const folder = writeTinyGpt2({ tie_word_embeddings: false, architectures: ['GPT2ForSequenceClassification'] })
  try {
    await using headless = await openSession(folder, { threads: 1 })
    for (const method of ['prompt-tuning', 'prefix-tuning', 'lora']) {
      const { metrics } = await headless.train(method, { method, task: 'SEQ_CLS', rows, heldOut: rows, hyperparameters })
      const verdicts = await headless.classify(
        method,
        rows.map(({ text }) => text),
      )
      expect(verdicts.filter(({ label }, i) => label === rows[i].label).length / rows.length, method).toBeCloseTo(metrics.accuracy, 9)
    }
    expect((await headless.embed('prompt-tuning', ['the thread']))[0]).toHaveLength(32)
    const refused = expect.objectContaining({ code: 'unsupported_task', status: 422 })
    for (const expression of ['base', 'prompt-tuning']) {
      await expect(headless.generate(expression, 'the')).rejects.toThrowError(refused)
      await expect(headless.score(expression, ['the'])).rejects.toThrowError(refused)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
