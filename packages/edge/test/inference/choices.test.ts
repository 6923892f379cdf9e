import { exports } from 'cloudflare:workers'
import { floatTensor } from '@weft/adapters'
import OpenAI from 'openai'
import { beforeEach, expect, test } from 'vitest'
import { adapterFile, dataOf, generated, json, post, publish, script, seen, streamed } from '../edge.ts'

const openai = new OpenAI({
  apiKey: 'weft-local',
  baseURL: 'http://127.0.0.1:8787/v1',
  maxRetries: 0,
  fetch: (url, init) => exports.default.fetch(new Request(url as string, init as RequestInit)),
})
const messages = [{ role: 'user' as const, content: 'Hello' }]
const complete = (body: object) => json(post('/v1/completions', { model: 'base', ...body }))
const asked = async () => (await seen()).map(({ body }) => body as { prompt: object; seed?: number; max_tokens?: number })

beforeEach(() => script({ ...generated(), times: 0 }))

test.each([
  ['a text', 'My', [{ text: 'My' }]],
  ['a list of one text, as LangChain sends it', ['My'], [{ text: 'My' }]],
  ['texts', ['My', 'Your'], [{ text: 'My' }, { text: 'Your' }]],
  ['tokens', [1, 2], [{ tokens: [1, 2] }]],
  ['lists of tokens', [[1, 2], [3]], [{ tokens: [1, 2] }, { tokens: [3] }]],
])('%s', async (_, prompt, prompts) => {
  const { http, choices, usage } = await complete({ prompt })
  expect(http).toBe(200)
  expect(choices).toEqual(prompts.map((_, index) => ({ index, text: ' fellow citizens', finish_reason: 'stop', logprobs: null })))
  expect(usage).toMatchObject({ prompt_tokens: 3 * prompts.length, completion_tokens: 2 * prompts.length, total_tokens: 5 * prompts.length })
  expect((await asked()).map((body) => body.prompt)).toEqual(expect.arrayContaining<object>(prompts))
})

test('n answers to each prompt stand one after another, each with a seed of its own', async () => {
  const { choices, usage } = await complete({ prompt: ['a', 'b'], n: 2, best_of: 2, seed: 7 })
  expect(choices.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2, 3])
  expect(usage).toMatchObject({ prompt_tokens: 6, completion_tokens: 8, total_tokens: 14, prompt_tokens_details: { cached_tokens: 2 }, virtual_tokens: 4 })
  expect((await asked()).map(({ prompt, seed }) => [prompt, seed])).toEqual(
    expect.arrayContaining([
      [{ text: 'a' }, 7],
      [{ text: 'a' }, 8],
      [{ text: 'b' }, 7],
      [{ text: 'b' }, 8],
    ]),
  )
})

test('chats have them too', async () => {
  const { choices, usage } = await openai.chat.completions.create({ model: 'base', messages, n: 3 })
  expect(choices.map(({ index, message }) => [index, message.content])).toEqual([0, 1, 2].map((index) => [index, ' fellow citizens']))
  expect(usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 6, total_tokens: 9, prompt_tokens_details: { cached_tokens: 1 } })
})

test('streamed, every chunk says whose it is, and the usage of all comes once, last', async () => {
  await script({ ...streamed({ gapMs: 5 }), times: 0 })
  const stream = await openai.chat.completions.create({ model: 'base', messages, n: 2, stream: true, stream_options: { include_usage: true } })
  const texts = ['', '']
  const ids = new Set<string>()
  const usages = []
  for await (const { id, choices, usage } of stream) {
    ids.add(id)
    for (const { index, delta } of choices) texts[index] += delta.content ?? ''
    if (usage) usages.push({ usage, choices })
  }
  expect(texts).toEqual([' fellow citizens', ' fellow citizens'])
  expect(ids.size).toBe(1)
  expect(usages).toMatchObject([{ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }])
})

test('a stream of several prompts', async () => {
  await script({ ...streamed(), times: 0 })
  const texts = ['', '', '']
  const stream = await openai.completions.create({ model: 'base', prompt: ['a', 'b', 'c'], stream: true })
  for await (const { choices } of stream) for (const { index, text } of choices) texts[index] += text
  expect(texts).toEqual(Array(3).fill(' fellow citizens'))
})

test('one of several that fails fails the whole, and the others stop', async () => {
  await script(streamed({ then: 'die', events: [{ data: { token: 1, text: 'a' } }] }), streamed({ then: 'hang', events: [{ data: { token: 1, text: 'b' } }] }))
  const data = dataOf(await (await post('/v1/completions', { model: 'base', prompt: ['a', 'b'], stream: true })).text())
  expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { code: 'runner_unavailable' } })
  await expect.poll(async () => (await seen()).map(({ aborted }) => aborted)).toEqual([true, true])
})

test.each([
  [{ prompt: 'a', best_of: 3 }, 'best_of'],
  [{ prompt: 'a', n: 2, best_of: 3 }, 'best_of'],
  [{ prompt: 'a', n: 129 }, 'n'],
  [{ prompt: Array(65).fill('a'), n: 2 }, 'n'],
  [{ prompt: Array(129).fill('a') }, 'prompt'],
  [{ prompt: [] as string[], n: 0 }, 'n'],
  [{ prompt: 'a', max_tokens: 0 }, 'max_tokens'],
])('refused: case %#', async (body, param) => {
  expect(await complete(body)).toMatchObject({ http: 400, error: { code: 'invalid_request', param } })
  expect(await seen()).toEqual([])
})

test('a suffix is refused by name', async () => {
  expect(await complete({ prompt: 'a', suffix: 'z' })).toMatchObject({ http: 400, error: { code: 'unsupported_parameter', param: 'suffix' } })
})

test('a composition that classifies is asked elsewhere', async () => {
  await publish(
    'mail/generates',
    await adapterFile({ state: { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }, task: 'SEQ_CLS', labels: ['ham', 'spam'] }),
  )
  await script({ ...generated(), times: 0 })
  for (const body of [
    { messages, path: '/v1/chat/completions' },
    { prompt: 'a', path: '/v1/completions' },
    { input: 'a', path: '/v1/responses' },
  ]) {
    const { path, ...rest } = body
    expect(await json(post(path, { model: 'mail/generates', ...rest }))).toMatchObject({
      http: 400,
      error: { code: 'classifier_does_not_generate', param: 'model', message: expect.stringContaining('/v1/classify') },
    })
  }
})
