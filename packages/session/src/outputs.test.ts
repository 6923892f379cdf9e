import { rm } from 'node:fs/promises'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ModelSession, openSession } from './index.ts'

let folder: string
let session: ModelSession
beforeAll(async () => {
  folder = writeTinyLlama()
  session = await openSession(folder, { threads: 1 })
  const rows = (texts: string[]) => texts.map((text) => ({ text }))
  const hyperparameters = { maxSteps: 30, batchSize: 4, learningRate: 0.1 }
  await session.train('a', {
    method: 'prefix-tuning',
    config: { numVirtualTokens: 3 },
    rows: rows(['the thread', 'the air', 'there in', 'a thread']),
    hyperparameters,
  })
  await session.train('b', { method: 'lora', config: { r: 2 }, rows: rows(['zz top', 'zz zz', 'top zz zz', 'zz']), hyperparameters })
  await session.train('kind', {
    method: 'prompt-tuning',
    task: 'SEQ_CLS',
    config: { numVirtualTokens: 2 },
    rows: [
      { text: 'zz', label: 'yes' },
      { text: 'aa', label: 'no' },
    ],
    hyperparameters,
  })
})
afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true })
})

const answer = async (expression: string, options: object = {}) => (await session.generate(expression, 'in the', { maxTokens: 12, ...options })).tokens

describe('compositions that meet at the output', () => {
  test('training measures how loud an adapter is, in nats', () => {
    for (const name of ['a', 'b']) expect(session.adapter(name).manifest.training!.level).toBeGreaterThan(0.01)
    expect(session.adapter('kind').manifest.training!.level).toBeUndefined()
  })

  test.each(['experts', 'product', 'ensemble'])('%s of one operand answers as it does, and with one of strength 0 beside it too', async (operator) => {
    expect(await answer(`${operator}(a)`)).toEqual(await answer('a'))
    expect(await answer(`base + ${operator}(0*a)`)).toEqual(await answer('base'))
    expect(await answer(`${operator}(a, 0*b)`)).toEqual(await answer('a'))
  })

  test('an answer of several tells the positions that the longest takes', async () => {
    await session.train('beside', {
      method: 'parallel-prefix',
      config: { numVirtualTokens: 2 },
      rows: [{ text: 'the air' }, { text: 'in there' }],
      hyperparameters: { maxSteps: 2 },
    })
    const told = async (expression: string) => (await session.generate(expression, 'in the', { maxTokens: 2 })).usage.virtualTokens
    // A prefix beside the tokens takes none.
    for (const expression of ['beside', 'b', 'experts(beside, b)']) expect(await told(expression)).toBe(0)
    for (const operator of ['experts', 'product', 'ensemble']) {
      expect(await told(`${operator}(b, a)`)).toBe(3)
      expect(await told(`${operator}(a, beside)`)).toBe(3)
    }
    expect(await told('base')).toBeUndefined()
  })

  test.each(['experts', 'product', 'ensemble'])('%s of an operand twice is refused', async (operator) => {
    await expect(answer(`${operator}(a, 0.5*a)`)).rejects.toMatchObject({ code: 'operands_alike' })
  })

  test.each(['experts', 'product', 'ensemble'])('%s of two that answer alike is one of them, by greedy and by seeded sampling', async (operator) => {
    // Exactly `a`, in other words. In a product two add up, as strengths do: each at half strength is one of them. The others are means.
    const twice = operator === 'product' ? 'product(0.5*a, 0.5*mix(0.5*a, 0.5*a))' : `${operator}(a, mix(0.5*a, 0.5*a))`
    expect(await answer(twice)).toEqual(await answer('a'))
    const sampled = { temperature: 0.8, seed: 5 }
    expect(await answer(twice, sampled)).toEqual(await answer('a', sampled))
  })

  test('a repetition penalty weighs on what several say as on what one says', async () => {
    // Exactly the base.
    const config = { numVirtualTokens: 2 }
    await session.train('silent', { method: 'parallel-prefix', config, rows: [{ text: 'the air' }], hyperparameters: { maxSteps: 1, learningRate: 1e-12 } })
    const penalized = async (expression: string, repetitionPenalty: number) =>
      (await session.generate(expression, 'the thread in the air and there zz top', { maxTokens: 12, repetitionPenalty })).tokens
    for (const penalty of [0.5, 1.5, 3]) {
      const [one, half] = [await penalized('a', penalty), await penalized('experts(0.5*a)', penalty)]
      for (const expression of ['experts(a, silent)', 'product(a, silent)', 'ensemble(a, mix(0.5*a, 0.5*a))'])
        expect(await penalized(expression, penalty), `${expression} under ${penalty}`).toEqual(one)
      for (const expression of ['product(0.5*a)', 'experts(0.5*a, silent)']) expect(await penalized(expression, penalty)).toEqual(half)
    }
  })

  test('a text is heard beside an adapter on what the adapter is meant for', async () => {
    const first = async (expression: string) => (await session.generate(expression, 'the', { maxTokens: 1, logprobs: 1 })).logprobs![0]!.logprob
    // Both have as much to say as usual at the first token, so both count nearly fully, as in a product.
    const [alone, both, together] = [await first('a'), await first('experts(a, "zz top")'), await first('product(a, "zz top")')]
    expect(Math.abs(both - together)).toBeLessThan(Math.abs(both - alone))
  })

  test('a product with a strength of two goes further from the base than one', async () => {
    expect(await answer('product(2*a)')).not.toEqual(await answer('base'))
    expect((await session.generate('product(2*a, b)', 'in', { maxTokens: 3, logprobs: 2 })).logprobs).toHaveLength(3)
  })

  test('the order of operands does not matter, and rows of other requests are not disturbed', async () => {
    const [one, other, bare, alone] = await Promise.all([answer('experts(a, b)'), answer('experts(b, a)'), answer('base'), answer('b')])
    expect(one).toEqual(other)
    expect(bare).toEqual(await answer('base'))
    expect(alone).toEqual(await answer('b'))
    expect(one).toEqual(await answer('experts(a, b)'))
  })

  test('long prompts are read in chunks, and rows that wait for each other lose nothing', async () => {
    const prompt = 'the thread in the air and there '.repeat(6)
    const together = await Promise.all(
      ['experts(a, b)', 'base', 'ensemble(a, b, "the air")'].map((expression) => session.generate(expression, prompt, { maxTokens: 6 })),
    )
    for (const [i, expression] of ['experts(a, b)', 'base', 'ensemble(a, b, "the air")'].entries())
      expect((await session.generate(expression, prompt, { maxTokens: 6 })).tokens).toEqual(together[i].tokens)
  })

  test('more of them than a step has places wait for one another', async () => {
    const expressions = Array.from({ length: 6 }, () => 'experts(a, b, "in")')
    const answers = await Promise.all(expressions.map((expression) => answer(expression)))
    for (const each of answers) expect(each).toEqual(answers[0])
  })

  test('a grammar holds for what they say together, in every row by itself', async () => {
    const ask = (expression: string, regex: string) =>
      session.generate(expression, 'in the', { grammar: { type: 'regex', regex }, temperature: 1, seed: 3, maxTokens: 30 })
    const expressions = ['experts(a, b)', 'product(a, 2*b)', 'ensemble(a, b)', 'a', 'base']
    const free = await answer('b')
    const [beside, ...answers] = await Promise.all([answer('b'), ...expressions.map((expression, i) => ask(expression, `[a-z]{${i + 3}} (air|thread)`))])
    for (const [i, { text, finishReason }] of answers.entries())
      expect({ text, finishReason }).toMatchObject({ text: expect.stringMatching(new RegExp(`^[a-z]{${i + 3}} (air|thread)$`)), finishReason: 'stop' })
    expect(beside).toEqual(free)
  })

  test.each(['experts(a, b)', 'product(a, 0.5*b)', 'ensemble(a, b)'])('%s scores a text as it would write it, token after token', async (expression) => {
    const written = await session.generate(expression, 'in the', { maxTokens: 8, logprobs: 0 })
    const [read] = await session.score(expression, [written.text], 'in the')
    expect(read!.tokens).toBe(written.logprobs!.length)
    expect(read!.logprob).toBeCloseTo(
      written.logprobs!.reduce((sum, { logprob }) => sum + logprob, 0),
      3,
    )
    // Several texts are read side by side, and disturb neither one another nor what is written meanwhile.
    const texts = [' air', ' thread in', ' zz top', ' zz', ' the air there']
    const [together, beside] = await Promise.all([session.score(expression, texts, 'in the'), answer('b')])
    for (const [i, text] of texts.entries()) expect(together[i]!.logprob).toBeCloseTo((await session.score(expression, [text], 'in the'))[0]!.logprob, 4)
    expect(beside).toEqual(await answer('b'))
  })

  test('the probability of a token by an ensemble is the mean of its probabilities', async () => {
    const chance = async (expression: string) => Math.exp((await session.score(expression, ['z'], 'in the'))[0]!.logprob)
    const [alone, other, both] = [await chance('a'), await chance('b'), await chance('ensemble(a, b)')]
    expect(both).toBeCloseTo((alone + other) / 2, 6)
    expect(Math.abs(alone - other)).toBeGreaterThan(1e-4)
  })

  test('a text without a prompt counts from the token that something predicts, and one that is too long is refused', async () => {
    const tokens = async (expression: string, text: string) => (await session.score(expression, [text]))[0]!.tokens
    for (const text of ['the air', 't', '']) expect(await tokens('experts(b, beside)', text)).toBe(await tokens('base', text))
    const refused = { code: 'context_length_exceeded', param: 'input[1]', message: expect.stringMatching(/^input\[1\] takes \d+ positions/) }
    await expect(session.score('experts(a, b)', ['the air', 'the air '.repeat(400)])).rejects.toMatchObject(refused)
  })

  test('what cannot be asked of several is refused in words', async () => {
    await expect(session.embed('experts(a, b)', ['x'])).rejects.toMatchObject({ code: 'outputs_not_supported' })
    await expect(session.generate('experts(a, kind)', 'x')).rejects.toMatchObject({ code: 'outputs_operand' })
    await expect(session.generate('a + experts(a, b)', 'x')).rejects.toMatchObject({ code: 'outputs_nested' })
  })
})
