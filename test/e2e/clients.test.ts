import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { programs } from '../clients/javascript/programs.ts'
import { serveForClients } from '../clients/serve.ts'

let served: Awaited<ReturnType<typeof serveForClients>>
let openai: OpenAI
beforeAll(async () => {
  served = await serveForClients()
  const { baseURL, apiKey } = served.weft
  openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 })
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

test('several compositions read a text together as they write it, and label by the likeliest choice', async () => {
  const several = 'ensemble("the warp ", "a loom ")'
  const written = (await openai.completions.create({ model: several, prompt: 'the weft', max_tokens: 4, temperature: 0, logprobs: 0 })).choices[0]!
  const read = (await openai.completions.create({ model: several, prompt: `the weft${written.text}`, echo: true, max_tokens: 0, logprobs: 0 })).choices[0]!
  const [there, told] = [written.logprobs!, read.logprobs!]
  expect(told.tokens!.slice(-4)).toEqual(there.tokens)
  for (const [i, logprob] of there.token_logprobs!.entries()) expect(told.token_logprobs!.at(i - 4)!).toBeCloseTo(logprob, 3)
  const choices = [there.tokens![0]!, '#']
  const { data } = await openai.post<{ data: { label: string }[] }>('/classify', { body: { model: several, input: 'the weft', choices } })
  expect(data[0]!.label).toBe(choices[0])
})

test('a decoder embeds texts and tokens, many at a time, and refuses dimensions', async () => {
  const input = Array.from({ length: 300 }, (_, i) => `the weft ${i % 7}`)
  const { data, usage } = await openai.embeddings.create({ model, input })
  expect(data).toHaveLength(300)
  expect(data[0]!.embedding).toEqual(data[7]!.embedding)
  expect(Math.hypot(...data[1]!.embedding)).toBeCloseTo(1, 5)
  expect(usage.prompt_tokens).toBeGreaterThan(300)
  expect((await openai.embeddings.create({ model, input: [5, 17, 40] })).data).toHaveLength(1)
  await expect(openai.embeddings.create({ model, input: 'a', dimensions: 8 })).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter' })
})

const messages = [{ role: 'user' as const, content: 'the weft' }]

test('the second of two equal requests tells what of its prompt the prefix cache held', async () => {
  const prompt = 'the weft and the warp and the weft and the warp and the weft and the warp'
  const ask = async (stream: boolean) => {
    if (!stream) return (await openai.completions.create({ model, prompt, max_tokens: 1 })).usage!
    for await (const { usage } of await openai.completions.create({ model, prompt, max_tokens: 1, stream, stream_options: { include_usage: true } }))
      if (usage) return usage
    throw new Error('a stream ended without usage')
  }
  const [first, again, streamed] = [await ask(false), await ask(false), await ask(true)]
  const held = Math.floor((first.prompt_tokens - 1) / 16) * 16
  expect(held).toBeGreaterThan(0)
  expect([first, again, streamed].map(({ prompt_tokens_details }) => prompt_tokens_details!.cached_tokens)).toEqual([0, held, held])
  const chat = [{ role: 'user' as const, content: prompt }]
  const cachedOfChat = async () => (await openai.chat.completions.create({ model, messages: chat, max_tokens: 1 })).usage!.prompt_tokens_details!.cached_tokens!
  const before = await cachedOfChat()
  expect(await cachedOfChat()).toBeGreaterThan(before)
  const { usage } = await openai.responses.create({ model, input: chat, max_output_tokens: 1 })
  expect(usage!.input_tokens_details.cached_tokens).toBeGreaterThan(0)
})

test('what zod describes is what the model says, whole and streamed', async () => {
  const person = z.object({ name: z.string(), age: z.int().min(1).max(90), tags: z.array(z.enum(['warp', 'weft'])).max(2), nick: z.string().nullable() })
  const asked = { model, messages, max_tokens: 120, temperature: 1, seed: 4, response_format: zodResponseFormat(person, 'person') }
  // A client that reads a schema takes an answer that had to be closed for one that is not complete.
  const { choices } = await openai.chat.completions.create(asked)
  person.parse(JSON.parse(choices[0]!.message.content!))
  const stream = openai.chat.completions.stream({ ...asked, max_tokens: 90 })
  let text = ''
  stream.on('content', (delta) => (text += delta))
  await stream.done().catch(() => {})
  person.parse(JSON.parse(text))
  const choice = z.object({ kind: z.enum(['spam', 'ham']) })
  const parsed = await openai.chat.completions.parse({ ...asked, response_format: zodResponseFormat(choice, 'choice') })
  expect(['spam', 'ham']).toContain(parsed.choices[0]!.message.parsed!.kind)
})

test('a function is called with arguments that it takes, and its result goes back', async () => {
  // Short names: the model's context is.
  const parameters = z.object({ city: z.enum(['x', 'y']) })
  const city = { type: 'object', properties: { city: { enum: ['x', 'y'] } }, required: ['city'] }
  const tools = [
    { type: 'function' as const, function: { name: 'rain', parameters: city } },
    { type: 'function' as const, function: { name: 'now' } },
  ]
  const tool_choice = { type: 'function' as const, function: { name: 'rain' } }
  const asked = { model, messages, max_tokens: 60, temperature: 1, tools }
  const { choices } = await openai.chat.completions.create({ ...asked, tool_choice })
  expect(choices[0]!.finish_reason).toBe('tool_calls')
  const [call] = choices[0]!.message.tool_calls!
  if (call?.type !== 'function') throw new Error('no function is called')
  expect(call.function.name).toBe('rain')
  parameters.parse(JSON.parse(call.function.arguments))
  const streamed = await openai.chat.completions.stream({ ...asked, tool_choice: 'required' }).finalChatCompletion()
  const made = streamed.choices[0]!.message.tool_calls![0]!
  if (made.type !== 'function') throw new Error('no function is called')
  if (made.function.name === 'rain') parameters.parse(JSON.parse(made.function.arguments))
  else expect(JSON.parse(made.function.arguments)).toEqual({})
  const turns = [...messages, choices[0]!.message, { role: 'tool' as const, tool_call_id: call.id, content: 'Rain.' }]
  const after = await openai.chat.completions.create({ ...asked, messages: turns, tool_choice: 'none', max_tokens: 4 })
  expect(after.choices[0]!.message.content).toBeTypeOf('string')
  const chosen = await openai.chat.completions.create({ ...asked, tool_choice: 'auto', max_tokens: 4 })
  expect(chosen.choices[0]!.message.content ?? chosen.choices[0]!.message.tool_calls).toBeTruthy()
})

test.each(Object.entries(programs))('the program of %s works', (_, program) => program(served.weft))
