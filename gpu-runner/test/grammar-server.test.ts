import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { refused } from '@weft/test/cases/serving/refused'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyRunner } from './tiny-runner.test.setup.ts'

const runner = tinyRunner(writeTinyLlama())
const { app } = runner
beforeAll(runner.load)
afterAll(runner.close)

const generate = (body: object) =>
  app.request('/generate', {
    method: 'POST',
    body: JSON.stringify({ model: 'base', composition: null, prompt: { text: 'the boat' }, max_tokens: 60, temperature: 1, seed: 1, ...body }),
  })
const answer = async (body: object) => (await generate(body)).json() as Promise<any>

/** The same runner with a chat template. */
async function withTemplate<T>(name: string, use: (ask: (body: object) => Promise<any>) => Promise<T>): Promise<T> {
  const source = writeTinyLlama()
  const template = readFileSync(new URL(`../../test/golden/chat/templates/${name}.jinja`, import.meta.url), 'utf8')
  writeFileSync(join(source, 'tokenizer_config.json'), JSON.stringify({ chat_template: template, eos_token: '<eos>' }))
  const config = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8'))
  writeFileSync(join(source, 'config.json'), JSON.stringify({ ...config, max_position_embeddings: 1024 }))
  const { app, load, close } = tinyRunner(source)
  await load()
  try {
    return await use(async (body) => {
      const response = await app.request('/generate', { method: 'POST', body: JSON.stringify({ model: 'base', composition: null, seed: 1, ...body }) })
      return { status: response.status, ...((await response.json()) as object) }
    })
  } finally {
    await close()
  }
}

const schema = {
  type: 'object',
  properties: { snake_case: { type: 'string' }, camelCase: { type: 'integer', minimum: 10, maximum: 12 }, kind: { enum: ['a', 'b'] } },
  required: ['snake_case', 'camelCase', 'kind'],
  additionalProperties: false,
}

test('rows of one batch keep to grammars of their own, and those without one are as they were', async () => {
  const free = await answer({ temperature: 0, max_tokens: 12 })
  const [json, choice, regex, beside] = await Promise.all([
    answer({ grammar: { type: 'json_schema', schema }, max_tokens: 100 }),
    answer({ grammar: { type: 'choice', choice: ['spam', 'ham'] } }),
    answer({ grammar: { type: 'regex', regex: '[0-9]{3}-[a-z]{2,4}' } }),
    answer({ temperature: 0, max_tokens: 12 }),
  ])
  const value = JSON.parse(json.text)
  expect(Object.keys(value)).toEqual(['snake_case', 'camelCase', 'kind'])
  expect([10, 11, 12]).toContain(value.camelCase)
  expect(['spam', 'ham']).toContain(choice.text)
  expect(choice.finish_reason).toBe('stop')
  expect(regex.text).toMatch(/^[0-9]{3}-[a-z]{2,4}$/)
  expect(beside).toEqual(free)
})

test('an answer that had to be closed early parses, and says that it was', async () => {
  const schema = { type: 'array', items: { type: 'integer' }, minItems: 3 }
  const { text, finish_reason, usage } = await answer({ grammar: { type: 'json_schema', schema }, max_tokens: 8 })
  expect(JSON.parse(text)).toHaveLength(3)
  expect(finish_reason).toBe('length')
  expect(usage.completion_tokens).toBeLessThanOrEqual(8)
  const cut = await answer({ grammar: { type: 'choice', choice: ['far too long'] }, max_tokens: 3 })
  expect(cut).toMatchObject({ text: 'far', finish_reason: 'length' })
})

test('streams the same tokens as the whole answer', async () => {
  const body = { grammar: { type: 'json_schema', schema }, max_tokens: 80 }
  const whole = await answer(body)
  const events = (await (await generate({ ...body, stream: true })).text())
    .split('\n\n')
    .filter(Boolean)
    .map((event) => JSON.parse(event.slice('data: '.length)))
  expect(events.map(({ text = '' }) => text).join('')).toBe(whole.text)
  expect(events.at(-1).finish_reason).toBe(whole.finish_reason)
})

test('a call of a function, whose parameters the template-less model was told', async () => {
  const functions = [
    { name: 'weather', parameters: { type: 'object', properties: { city: { enum: ['Bern', 'Basel'] } }, required: ['city'] } },
    { name: 'clock' },
  ]
  const messages = [{ role: 'user', content: 'Hi' }]
  const { text, usage } = await answer({ prompt: { messages, tools: functions }, grammar: { type: 'tool_calls', functions, optional: false } })
  expect(text).toMatch(/^\{"name": "(weather", "arguments": \{\s*"city":\s*"(Bern|Basel)"\s*\}|clock", "arguments": \{\s*\})\}$/)
  const plain = await answer({ prompt: { messages }, max_tokens: 1 })
  expect(usage.prompt_tokens).toBeGreaterThan(plain.usage.prompt_tokens + 100)
})

test('an answer begins as a call does, and is the arguments alone where the function is known', async () => {
  const messages = [{ role: 'user', content: 'Hi' }]
  const parameters = { type: 'object', properties: { city: { enum: ['Bern', 'Basel'] } }, required: ['city'] }
  const grammar = { type: 'json_schema', schema: parameters }
  const tools = [{ name: 'weather', parameters }, { name: 'clock' }]
  const asked = (call: object) => answer({ prompt: { messages, tools, call }, grammar })
  const [plain, one, any] = await Promise.all([answer({ prompt: { messages, tools }, grammar }), asked({ name: 'weather' }), asked({})])
  for (const { text } of [plain, any]) expect(text).toMatch(/^\{\s*"city":\s*"(Bern|Basel)"\s*\}$/)
  expect(one.text).toMatch(/^ ?\{\s*"city":\s*"(Bern|Basel)"\s*\}$/)
  // A token for each character of the tags, and of what stands before a call's arguments.
  const tokens = [any, one].map(({ usage }) => usage.prompt_tokens - plain.usage.prompt_tokens)
  expect(tokens[0]).toBeGreaterThan(5)
  expect(tokens[1]).toBeGreaterThan(tokens[0]! + 15)
})

test('whether to call is a choice, but where the template has calls in a form that is not told from text', async () => {
  const tools = [{ name: 'f' }]
  const prompt = { messages: [{ role: 'user', content: 'Hi' }], tools }
  const chosen = { prompt, grammar: { type: 'tool_calls', functions: tools, optional: true }, max_tokens: 40 }
  expect((await answer({ ...chosen, max_tokens: 4 })).usage.completion_tokens).toBe(4)
  const answers = await withTemplate('llama-3', async (ask) => [await ask(chosen), await ask({ ...chosen, grammar: { ...chosen.grammar, optional: false } })])
  expect(answers).toMatchObject([{ status: 200 }, { status: 200, text: expect.stringMatching(/^\{"name": "f", "arguments": \{\s*\}\}$/) }])
  expect(await withTemplate('macros-tools', (ask) => ask(chosen))).toMatchObject({ status: 422, error: { code: 'tool_choice_not_supported' } })
})

test('Mistral’s calls are chosen, or made, in its own list, and told as those of other templates', async () => {
  const functions = [{ name: 'f' }, { name: 'g' }]
  const prompt = { messages: [{ role: 'user', content: 'Hi' }], tools: functions }
  const answers = await withTemplate('mistral', async (ask) => [
    await ask({ prompt, grammar: { type: 'tool_calls', functions, optional: true }, max_tokens: 40 }),
    await ask({ prompt: { ...prompt, call: {} }, grammar: { type: 'tool_calls', functions, optional: false } }),
  ])
  expect(answers).toMatchObject([{ status: 200 }, { status: 200, text: expect.stringMatching(/^\{"name": "[fg]", "arguments": \{\s*\}\}$/) }])
})

test('refuses with a status, before the first event', async () => {
  for (const [grammar, code, status] of [
    [{ type: 'json_schema', schema: { type: 'object', properties: { a: { not: {} } } } }, 'unsupported_schema', 400],
    [{ type: 'regex', regex: '(?=a)' }, 'unsupported_regex', 400],
    [{ type: 'json_schema', schema: false }, 'grammar_of_nothing', 400],
    [{ type: 'tool_calls', functions: [{ name: 'f', parameters: { type: 'object', not: {} }, strict: true }], optional: false }, 'unsupported_schema', 400],
    [{ type: 'gbnf' }, 'invalid_request', 400],
    [{ type: 'choice', choice: [] }, 'invalid_request', 400],
  ] as const)
    expect(await refused(generate({ grammar, stream: true }))).toMatchObject({ code, status })
})
