import { beforeEach, expect, test } from 'vitest'
import { generated, json, post, script, seen } from '../edge.ts'

beforeEach(() => script({ ...generated(), times: 0 }))

const question = { role: 'user', content: 'Where?' }
const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }
const chat = (rest: object) => json(post('/v1/chat/completions', { model: 'base', messages: [question], ...rest }))
const askedOf = async () => (await seen()).at(-1)!.body as { prompt: { messages: unknown[] }; stop?: string[]; top_p?: number; max_tokens?: number }

test('what clients read out of an answer and send back with it says nothing new, and goes no further', async () => {
  const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city": "Bern"}' } }
  const messages = [
    question,
    { role: 'assistant', content: 'Here.', parsed: null, refusal: null },
    question,
    {
      ...{ role: 'assistant', content: null, parsed: { any: 'thing' } },
      tool_calls: [{ ...call, index: 0, function: { ...call.function, parsed_arguments: { city: 'Bern' } } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'Rain.' },
  ]
  expect(await chat({ messages })).toMatchObject({ http: 200 })
  const { prompt } = await askedOf()
  expect(prompt.messages).toMatchObject([{}, { content: 'Here.' }, {}, { content: null, tool_calls: [call] }, { tool_call_id: 'c1' }])
  expect(JSON.stringify(prompt)).not.toMatch(/parsed|index/)
  // A field that is none of these is refused as ever.
  expect(await chat({ messages: [{ ...question, parsd: null }] })).toMatchObject({ http: 400, error: { param: 'messages[0].parsd' } })
})

test("a mark for OpenAI's cache of prompts is a hint like those of the whole request: taken, and it goes no further", async () => {
  const marked = { text: 'Where?', prompt_cache_breakpoint: { mode: 'explicit' } }
  expect(await chat({ messages: [{ role: 'user', content: [{ type: 'text', ...marked }] }], prompt_cache_options: { mode: 'explicit' } })).toMatchObject({
    http: 200,
  })
  expect((await askedOf()).prompt.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Where?' }] }])
  const input = [{ role: 'user', content: [{ type: 'input_text', ...marked }] }]
  expect(await json(post('/v1/responses', { model: 'base', input }))).toMatchObject({ http: 200 })
  expect((await askedOf()).prompt.messages).toEqual([{ role: 'user', content: 'Where?' }])
})

test("items go back as clients' types hold them, with null for what they leave out", async () => {
  const call = { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}', caller: null, namespace: null, created_by: null }
  const input = [
    { role: 'user', content: [{ type: 'input_text', text: 'Where?', prompt_cache_breakpoint: null }] },
    call,
    { type: 'function_call_output', call_id: 'c1', output: 'Rain.', created_by: null },
  ]
  expect(await json(post('/v1/responses', { model: 'base', input }))).toMatchObject({ http: 200 })
})

test('a call that broke off is taken back as it was written', async () => {
  for (const written of ['{"city"', '']) {
    const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: written } }
    const messages = [question, { role: 'assistant', content: null, tool_calls: [call] }, { role: 'tool', tool_call_id: 'c1', content: 'not JSON: again' }]
    expect(await chat({ messages })).toMatchObject({ http: 200 })
    expect((await askedOf()).prompt.messages[1]).toMatchObject({ tool_calls: [call] })
  }
})

test('stops end a text: an answer that must be a call has none', async () => {
  await chat({ tools: [weather], tool_choice: 'required', stop: ['\n'] })
  expect(await askedOf()).not.toHaveProperty('stop')
  await chat({ tools: [weather], tool_choice: 'none', stop: ['\n'] })
  expect(await askedOf()).toMatchObject({ stop: ['\n'] })
})

test('a call in which a stop stands is not told as one that can be made', async () => {
  await script(
    generated('<tool_call>\n{"name": "weather", "arguments": {"city": '),
    generated('<tool_call>\n{"name": "weather", "arguments": {}}\n</tool_call>'),
  )
  const cut = await chat({ tools: [weather], stop: ['"B'] })
  expect(cut.choices).toMatchObject([{ finish_reason: 'stop', message: { tool_calls: [{ function: { arguments: '{"city": ' } }] } }])
  expect((await chat({ tools: [weather] })).choices).toMatchObject([{ finish_reason: 'tool_calls' }])
  await script(generated('<tool_call>\n{"name": "weather", "arguments": {"city": '))
  const { tools } = { tools: [{ type: 'function', ...weather.function }] }
  const response = await json(post('/v1/responses', { model: 'base', input: 'Where?', tools, stop: ['"B'] }))
  expect(response.output).toMatchObject([{ type: 'function_call', status: 'incomplete' }])
})

test("OpenAI's bounds are ours", async () => {
  expect(await chat({ top_p: 0, max_tokens: 2 ** 31 - 1, verbosity: 'medium' })).toMatchObject({ http: 200 })
  expect(await askedOf()).toMatchObject({ top_p: 0, max_tokens: 2 ** 31 - 1 })
  expect(await chat({ verbosity: 'low' })).toMatchObject({ http: 400, error: { code: 'unsupported_parameter', param: 'verbosity' } })
  // An empty object would switch the search on.
  expect(await chat({ web_search_options: {} })).toMatchObject({ http: 400, error: { code: 'unsupported_parameter', param: 'web_search_options' } })
})
