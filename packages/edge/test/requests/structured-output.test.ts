import { beforeEach, describe, expect, test } from 'vitest'
import { dataOf, edge, generated, json, post, refusal, script, seen, streamed } from '../edge.ts'

const messages = [{ role: 'user', content: 'Hello' }]
const chat = (body: object) => json(post('/v1/chat/completions', { model: 'base', messages, ...body }))
const schema = { type: 'object', properties: { firstName: { type: 'string' } }, required: ['firstName'] }
const format = { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } }
const weather = {
  type: 'function',
  function: { name: 'weather', description: 'Of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}
const clock = { type: 'function', function: { name: 'clock' } }
/** An answer in pieces that respect nothing. */
const pieces = (text: string, size: number) => text.match(new RegExp(`[^]{1,${size}}`, 'g'))!
const inPieces = (text: string, size = 3) =>
  streamed({
    events: [
      ...pieces(text, size).map((piece, token) => ({ data: { token, text: piece } })),
      { data: { finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } } },
    ],
  })

/** A streamed answer put together as clients do. */
async function assembled(body: object) {
  const response = await post('/v1/chat/completions', { model: 'base', messages, stream: true, ...body })
  const chunks = dataOf(await response.text())
  expect(chunks.pop()).toBe('[DONE]')
  let content = ''
  const calls: { id: string; name: string; arguments: string }[] = []
  let end: string | null = null
  for (const { choices } of chunks.map((each) => JSON.parse(each))) {
    const { delta, finish_reason } = choices[0]
    content += delta.content ?? ''
    for (const call of delta.tool_calls ?? []) {
      if (call.id) calls[call.index] = { id: call.id, name: call.function.name, arguments: '' }
      calls[call.index].arguments += call.function.arguments
    }
    end = finish_reason ?? end
  }
  return { content, calls, end }
}

beforeEach(() => script())

describe('forms of an answer', () => {
  test.each([
    ['json_object', { response_format: { type: 'json_object' } }, { type: 'json_object' }],
    ['json_schema', { response_format: format }, { type: 'json_schema', schema }],
    ['structured_outputs.json', { structured_outputs: { json: schema } }, { type: 'json_schema', schema }],
    ['structured_outputs.json as text', { structured_outputs: { json: JSON.stringify(schema) } }, { type: 'json_schema', schema }],
    ['structured_outputs.regex', { structured_outputs: { regex: '[a-z]+' } }, { type: 'regex', regex: '[a-z]+' }],
    ['structured_outputs.choice', { structured_outputs: { choice: ['yes', 'no'] } }, { type: 'choice', choice: ['yes', 'no'] }],
  ])('%s goes to the runner, of chats and of completions', async (_, asked, grammar) => {
    await script(generated('{}'), generated('{}'), inPieces('{}'))
    expect((await chat(asked)).choices[0]).toMatchObject({ message: { content: '{}' }, finish_reason: 'stop' })
    expect((await json(post('/v1/completions', { model: 'base', prompt: 'My', ...asked }))).choices[0].text).toBe('{}')
    expect(await assembled(asked)).toEqual({ content: '{}', calls: [], end: 'stop' })
    for (const { body } of await seen()) expect(body).toMatchObject({ grammar })
  })

  test('text is no form', async () => {
    await script(generated())
    await chat({ response_format: { type: 'text' }, structured_outputs: null, tools: [], tool_choice: 'auto' })
    expect((await seen())[0].body).not.toHaveProperty('grammar')
  })

  test.each([
    [{ response_format: { type: 'json_schema' } }, 'response_format'],
    [{ response_format: { type: 'json_schema', json_schema: { name: 'x' } } }, 'response_format.json_schema.schema'],
    [{ response_format: { type: 'xml' } }, 'response_format.type'],
    [{ response_format: format, structured_outputs: { regex: 'a' } }, 'structured_outputs.regex'],
    [{ structured_outputs: { json: '{' } }, 'structured_outputs.json'],
    [{ structured_outputs: { grammar: 'root ::= "a"' } }, 'structured_outputs.grammar'],
    [{ tool_choice: 'required' }, 'tool_choice'],
    [{ tools: [weather], tool_choice: { type: 'function', function: { name: 'rain' } } }, 'tool_choice.function.name'],
    [{ tools: [weather], tool_choice: { type: 'function', name: 'weather' } }, 'tool_choice.function'],
    [{ tools: [weather], tool_choice: { type: 'allowedTools' } }, 'tool_choice.type'],
    [{ tools: [weather, weather] }, 'tools[1].function.name'],
    [{ tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'string' } } }] }, 'tools[0].function.parameters'],
    [{ tools: [{ type: 'function', function: { name: 'two words' } }] }, 'tools[0].function.name'],
  ])('refused before the runner is asked: %j', async (body, param) => {
    const { http, error } = await chat(body)
    expect(http).toBe(400)
    expect(error.param.startsWith(param.split('.')[0])).toBe(true)
    expect(await seen()).toEqual([])
  })

  test('what the runner cannot honour is said of the field that asked it', async () => {
    const refused = { error: { code: 'unsupported_schema', message: 'at "#/not"', param: 'grammar', details: { path: '#/not' } } }
    const step = { ...refusal(400, 'unsupported_schema', 'POST /generate'), json: refused }
    await script(step, step)
    expect(await chat({ response_format: format })).toMatchObject({
      http: 400,
      error: { code: 'unsupported_schema', param: 'response_format.json_schema.schema', details: { path: '#/not' } },
    })
    expect(await chat({ tools: [weather], tool_choice: 'required' })).toMatchObject({ error: { param: 'tools[0].function.parameters' } })
  })

  test.each([
    ['none', { tool_choice: 'none' }],
    ['auto', {}],
    ['required', { tool_choice: 'required' }],
    ['another function', { tool_choice: { type: 'function', function: { name: 'weather' } } }],
    ['none, of a text with a form', { tool_choice: 'none', response_format: format }],
    ['auto, streamed', { stream: true }],
  ])('what is wrong with the schema of a function is said of its field, with the choice %s', async (_, body) => {
    const details = { path: '#/properties/a/type', function: 'clock' }
    const json = { error: { code: 'unsupported_schema', message: 'at "#/properties/a/type"', param: 'grammar', details } }
    await script({ ...refusal(400, 'unsupported_schema', 'POST /generate'), json })
    expect(await chat({ tools: [weather, clock], ...body })).toMatchObject({
      http: 400,
      error: { code: 'unsupported_schema', param: 'tools[1].function.parameters', details },
    })
  })

  test('functions that may not be called are no part of the prompt, and the runner looks at their schemas', async () => {
    await script(generated(), generated())
    await chat({ tools: [weather, clock], tool_choice: 'none' })
    await chat({ tools: [weather, clock] })
    const [none, auto] = (await seen()).map(({ body }) => body as any)
    expect(none).toMatchObject({ prompt: { messages }, untold_functions: [{ name: 'weather', parameters: weather.function.parameters }, { name: 'clock' }] })
    expect(none).not.toHaveProperty('grammar')
    expect(none.prompt).not.toHaveProperty('tools')
    expect(auto).not.toHaveProperty('untold_functions')
  })
})

describe('calls', () => {
  const named = { tools: [weather, clock], tool_choice: { type: 'function', function: { name: 'weather' } } }
  const written = '{"city": "Zürich \\"{}\\""}'

  test('of a named function are its arguments, whole and streamed', async () => {
    await script(generated(written), inPieces(written))
    const { choices } = await chat(named)
    expect(choices[0]).toMatchObject({ message: { role: 'assistant', content: null }, finish_reason: 'tool_calls' })
    expect(choices[0].message.tool_calls).toEqual([
      { id: expect.stringMatching(/^call-/), type: 'function', function: { name: 'weather', arguments: written } },
    ])
    expect(await assembled(named)).toEqual({ content: '', calls: [{ id: expect.any(String), name: 'weather', arguments: written }], end: 'tool_calls' })
    const [{ body }] = await seen()
    expect(body).toMatchObject({
      grammar: { type: 'json_schema', schema: weather.function.parameters },
      prompt: { messages, tools: [weather.function, clock.function], call: { name: 'weather' } },
    })
  })

  test('of a function keep to all of its schema where that is strict', async () => {
    await script(generated(written), generated(written))
    for (const strict of [false, true]) await chat({ tools: [{ ...weather, function: { ...weather.function, strict } }], tool_choice: 'required' })
    const schema = weather.function.parameters
    expect((await seen()).map(({ body }) => (body as any).grammar)).toEqual([
      { type: 'json_schema', schema, relaxed: true },
      { type: 'json_schema', schema },
    ])
  })

  test.each([1, 2, 100])('have no space before their arguments, where the name stands in the prompt, in pieces of %i', async (size) => {
    await script(generated(` ${written}`), inPieces(` ${written}`, size))
    expect((await chat(named)).choices[0].message.tool_calls[0].function.arguments).toBe(written)
    expect((await assembled(named)).calls).toEqual([{ id: expect.any(String), name: 'weather', arguments: written }])
  })

  test.each([1, 4, 100])('stand in place of text that has a form, in pieces of %i', async (size) => {
    const form = '{"firstName": "<tool_call>"}'
    const tagged = `<tool_call>\n{"name": "clock", "arguments": {}}\n</tool_call>`
    await script(generated(form), inPieces(form, size), generated(tagged), inPieces(tagged, size))
    const asked = { tools: [weather, clock], response_format: format }
    expect((await chat(asked)).choices[0]).toMatchObject({ message: { content: form }, finish_reason: 'stop' })
    expect(await assembled(asked)).toEqual({ content: form, calls: [], end: 'stop' })
    expect((await chat(asked)).choices[0]).toMatchObject({ message: { content: null }, finish_reason: 'tool_calls' })
    expect(await assembled(asked)).toMatchObject({ content: '', calls: [{ name: 'clock', arguments: '{}' }], end: 'tool_calls' })
    for (const { body } of await seen()) expect(body).toMatchObject({ grammar: { type: 'tool_calls', optional: true, text: { type: 'json_schema', schema } } })
  })

  test('that have to be made are no text, whatever form that would have', async () => {
    await script(generated('{}'))
    await chat({ tools: [clock], tool_choice: 'required', response_format: format })
    expect((await seen())[0].body).toMatchObject({ grammar: { type: 'json_schema', schema: { properties: {} } } })
  })

  test('and a form of text that cannot be had is said of its own field', async () => {
    const json = { error: { code: 'unsupported_schema', message: 'at "#/not"', param: 'grammar.text', details: { path: '#/not' } } }
    await script({ ...refusal(400, 'unsupported_schema', 'POST /generate'), json })
    expect(await chat({ tools: [clock], response_format: format })).toMatchObject({ http: 400, error: { param: 'response_format.json_schema.schema' } })
  })

  test.each([1, 2, 5, 100])('of any function, in pieces of %i', async (size) => {
    const text = `{"name": "weather", "arguments": ${written}}`
    await script(inPieces(text, size))
    const required = { tools: [weather, clock], tool_choice: 'required' }
    expect(await assembled(required)).toEqual({ content: '', calls: [{ id: expect.any(String), name: 'weather', arguments: written }], end: 'tool_calls' })
    expect((await seen())[0].body).toMatchObject({
      grammar: { type: 'tool_calls', optional: false, functions: [{ name: 'weather' }, { name: 'clock' }] },
      prompt: { call: {} },
    })
  })

  test.each([1, 4, 11, 1000])('that the model chose stand behind its text, in pieces of %i', async (size) => {
    const tricky = '{"city": "</tool_call><tool_call>"}'
    const text = `1 <tool 2\n<tool_call>\n{"name": "weather", "arguments": ${tricky}}\n</tool_call>\n<tool_call>{"name": "clock", "arguments": {}}</tool_call>`
    await script(generated(text), inPieces(text, size), inPieces('no call <tool', size))
    const auto = { tools: [weather, clock] }
    const { message, finish_reason } = (await chat(auto)).choices[0]
    expect(finish_reason).toBe('tool_calls')
    expect(message.content).toBe('1 <tool 2\n')
    const calls = [
      { name: 'weather', arguments: tricky },
      { name: 'clock', arguments: '{}' },
    ]
    expect(message.tool_calls.map((call: any) => call.function)).toEqual(calls)
    expect(await assembled(auto)).toMatchObject({ content: '1 <tool 2\n', calls, end: 'tool_calls' })
    expect(await assembled(auto)).toEqual({ content: 'no call <tool', calls: [], end: 'stop' })
    expect((await seen())[0].body).toMatchObject({ grammar: { type: 'tool_calls', optional: true } })
  })

  test('are of the allowed functions alone, of which the model reads among all others', async () => {
    const allowed = (mode: string, ...names: string[]) => ({
      tools: [weather, clock],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode, tools: names.map((name) => ({ type: 'function', function: { name } })) } },
    })
    await script({ ...generated('{}'), times: 0 })
    for (const asked of [allowed('auto', 'clock'), allowed('required', 'clock', 'weather'), allowed('required', 'clock')])
      expect(await chat(asked)).toMatchObject({ http: 200 })
    const asked = (await seen()).map(({ body }) => body as any)
    expect(asked.map(({ grammar }) => grammar)).toMatchObject([
      { type: 'tool_calls', optional: true, functions: [{ name: 'clock' }] },
      { type: 'tool_calls', optional: false, functions: [{ name: 'weather' }, { name: 'clock' }] },
      { type: 'json_schema', schema: { properties: {} } },
    ])
    for (const { prompt } of asked) expect(prompt.tools).toMatchObject([{ name: 'weather' }, { name: 'clock' }])
    expect(await chat(allowed('auto', 'clock', 'rain'))).toMatchObject({
      http: 400,
      error: {
        param: 'tool_choice.allowed_tools.tools[1].function.name',
        message: expect.stringMatching(/"rain" is not among the tools; there are "weather", "clock"$/),
      },
    })
    expect(await chat(allowed('auto', 'clok'))).toMatchObject({ http: 400, error: { message: expect.stringMatching(/did you mean "clock"\?$/) } })
    expect(await chat(allowed('auto'))).toMatchObject({ http: 400 })
    expect(await chat(allowed('none', 'clock'))).toMatchObject({ http: 400 })
  })

  test('tool_choice none sends no functions', async () => {
    await script(generated('Hi'))
    expect((await chat({ tools: [weather], tool_choice: 'none' })).choices[0].message).toEqual({ role: 'assistant', content: 'Hi' })
    const [{ body }] = await seen()
    expect(body).not.toHaveProperty('grammar')
    expect(body).not.toHaveProperty('prompt.tools')
  })

  test('come back with their results', async () => {
    await script(generated('Rain.'))
    const call = { id: 'call-1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } }
    const turns = [...messages, { role: 'assistant', content: null, tool_calls: [call] }, { role: 'tool', tool_call_id: 'call-1', content: 'rain' }]
    expect((await chat({ messages: turns, tools: [weather] })).http).toBe(200)
    expect((await seen())[0].body).toMatchObject({ prompt: { messages: turns } })
    const { content: _, ...bare } = turns[1]
    await script(generated('Rain.'))
    expect((await chat({ messages: [bare] })).http).toBe(200)
    for (const [message, param] of [
      [{ role: 'assistant' }, 'messages[0].content'],
      [{ role: 'user', content: 'x', tool_calls: [call] }, 'messages[0].tool_calls'],
      [{ role: 'user', content: 'x', tool_call_id: 'call-1' }, 'messages[0].tool_call_id'],
    ] as const)
      expect(await chat({ messages: [message] })).toMatchObject({ http: 400, error: { code: 'invalid_request', param } })
  })
})

test.each([
  ['response_format', '"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}'],
  ['structured_outputs.json', '"structured_outputs": {"json": SCHEMA}'],
  ['structured_outputs.json as text', `"structured_outputs": {"json": TEXT}`],
  ['a function', '"tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}], "tool_choice": "required"'],
])('bounds and values of a schema come to the runner with all their digits: %s', async (_, field) => {
  const schema = '{"type": "object", "properties": {"id": {"maximum": 9223372036854775807, "type": "integer"}, "kind": {"enum": [9007199254740993]}}}'
  await script(generated())
  const fields = field.replace('SCHEMA', schema).replace('TEXT', JSON.stringify(schema))
  const body = `{"model": "base", "messages": [{"role": "user", "content": "Hello"}], ${fields}}`
  expect(await json(edge('/v1/chat/completions', { method: 'POST', body }))).toMatchObject({ http: 200 })
  const numerals = (await seen()).find(({ path }) => path === '/generate')!.numerals
  expect(new Set(numerals)).toEqual(new Set(['9223372036854775807', '9007199254740993']))
})
