import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Served, serveTinyModel } from './served-tiny-model.ts'

let served: Served
let openai: OpenAI
beforeAll(async () => {
  served = await serveTinyModel()
  openai = new OpenAI({ apiKey: served.key, baseURL: `${served.weft.url}/v1`, maxRetries: 0 })
})
afterAll(() => served.stop())

const model = 'base'

test('answers to several prompts are those to each alone, n of them those of their seeds', async () => {
  const sampling = { model, max_tokens: 8, temperature: 1, seed: 11 }
  const { choices, usage } = await openai.completions.create({ ...sampling, prompt: ['the weft', 'the warp and'], n: 2 })
  expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3])
  const alone = []
  for (const prompt of ['the weft', 'the warp and'])
    for (const seed of [11, 12]) alone.push((await openai.completions.create({ ...sampling, prompt, seed })).choices[0]!.text)
  expect(choices.map(({ text }) => text)).toEqual(alone)
  expect(new Set(alone).size).toBe(4)
  const texts = ['', '', '', '']
  const stream = await openai.completions.create({ ...sampling, prompt: ['the weft', 'the warp and'], n: 2, stream: true })
  for await (const chunk of stream) for (const { index, text } of chunk.choices) texts[index] += text
  expect(texts).toEqual(alone)
  expect(usage!.completion_tokens).toBeLessThanOrEqual(32)
})

test('a prompt is read with its log-probabilities, as text and as tokens', async () => {
  const read = await openai.completions.create({ model, prompt: 'the weft', echo: true, max_tokens: 0, logprobs: 2 })
  const { text, logprobs } = read.choices[0]!
  expect(text).toBe('the weft')
  expect(logprobs!.tokens!.join('')).toBe('the weft')
  expect(logprobs!.token_logprobs!.slice(1).every((value) => value < 0)).toBe(true)
  expect(read.usage!.completion_tokens).toBe(0)
  const generated = await openai.completions.create({ model, prompt: 'the', echo: true, max_tokens: 4, temperature: 0, logprobs: 1 })
  const whole = generated.choices[0]!
  expect(whole.logprobs!.tokens!.join('')).toBe(whole.text)
  expect(whole.logprobs!.text_offset).toEqual(whole.logprobs!.tokens!.map((_, at, tokens) => tokens.slice(0, at).join('').length))
})

test('a model that cannot embed says what it can', async () => {
  await expect(openai.embeddings.create({ model, input: ['a', 'b'] })).rejects.toMatchObject({ status: 422, code: 'unsupported_task' })
})
