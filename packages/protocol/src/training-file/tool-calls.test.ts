import { expect, test } from 'vitest'
import { readRow } from './row.ts'

const call = (name: string, given: unknown = {}, more: object = {}) => ({ type: 'function', function: { name, arguments: given }, ...more })
const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } })
const question = { role: 'user', content: 'How is it in Bern?' }
const chat = (messages: object[], more: object = {}) => readRow(JSON.stringify({ messages: [question, ...messages], ...more }), 1)

test('calls are read as a request has them, with ids where a file leaves them out and arguments as text where it has values', () => {
  const row = chat(
    [
      { role: 'assistant', content: null, tool_calls: [call('weather', '{"place": "Bern"}', { id: 'a' }), call('weather', { place: 'Thun' })] },
      { role: 'tool', tool_call_id: 'a', content: 'rain' },
      { role: 'assistant', tool_calls: [call('now')], weight: 0 },
      { role: 'assistant', content: 'Rain.' },
    ],
    { tools: [tool('weather'), tool('now')], parallel_tool_calls: true },
  )
  expect(row).toEqual({
    kind: 'messages',
    tools: [tool('weather').function, tool('now').function],
    messages: [
      question,
      {
        role: 'assistant',
        content: '',
        toolCalls: [
          { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"place": "Bern"}' } },
          { id: 'call00001', type: 'function', function: { name: 'weather', arguments: '{"place":"Thun"}' } },
        ],
      },
      { role: 'tool', content: 'rain', toolCallId: 'a' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'call00002', type: 'function', function: { name: 'now', arguments: '{}' } }], weight: 0 },
      { role: 'assistant', content: 'Rain.' },
    ],
  })
})

test('arguments keep their numbers as they were written, as texts and as values', () => {
  const written = '{"order":12345678901234567890,"price":100.0,"n":[1,1e3],"share":0.5}'
  const line = `{"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "weight": 1.0, "tool_calls": [{"function": {"name": "buy", "arguments": ${written}}}]}]}`
  expect(readRow(line, 1)).toMatchObject({ messages: [{}, { weight: 1, toolCalls: [{ function: { arguments: written } }] }] })
})

test('functions keep the bounds of their arguments, as those of requests do', () => {
  const tools = '[{"type": "function", "function": {"name": "buy", "parameters": {"type": "object", "properties": {"n": {"maximum":9223372036854775807}}}}}]'
  const row = readRow(`{"messages": [{"role": "assistant", "content": "!"}], "tools": ${tools}}`, 1) as { tools?: unknown }
  expect(JSON.stringify(row.tools)).toContain('"maximum":9223372036854775807')
})

test('a call may be all that is learned, and fields that say nothing change nothing', () => {
  expect(chat([{ role: 'assistant', content: null, tool_calls: [call('now')], function_call: null, refusal: null }])).toMatchObject({
    messages: [{}, { content: '' }],
  })
  expect(chat([{ role: 'assistant', content: 'a', tool_calls: [] }], { tools: [], parallel_tool_calls: null })).toEqual({
    kind: 'messages',
    messages: [question, { role: 'assistant', content: 'a' }],
  })
})

const calling = { role: 'assistant', content: null, tool_calls: [call('now', '{}', { id: 'a' })] }
const end = { role: 'assistant', content: 'b' }
test.each([
  [
    'a function that is none of the tools',
    [calling],
    { tools: [tool('weather')] },
    'messages[1].tool_calls: "now" is not among the row\'s "tools", which are "weather"',
  ],
  ['arguments that are no JSON', [{ ...calling, tool_calls: [call('now', '{"a": ')] }], {}, 'arguments: expected a JSON object, or the text of one'],
  ['arguments that are a list', [{ ...calling, tool_calls: [call('now', '[1]')] }], {}, 'arguments: expected a JSON object, or the text of one'],
  [
    'an answer to no call',
    [calling, { role: 'tool', tool_call_id: 'b', content: '' }, end],
    {},
    'messages[2].tool_call_id: no call of this id stands before it: "b"',
  ],
  ['an id that answers beside a text', [{ ...end, tool_call_id: 'a' }], {}, 'messages[1].tool_call_id: only a message of role "tool" answers a call'],
  ["a call of the user's", [{ role: 'user', content: '', tool_calls: [call('now')] }, end], {}, 'messages[1].tool_calls: only the assistant makes calls'],
  ['neither words nor calls', [{ role: 'assistant' }], {}, 'messages[1].content: expected a text, a list of text parts, or null'],
  [
    'two calls where one is allowed',
    [{ ...calling, tool_calls: [call('now'), call('now')] }],
    { parallel_tool_calls: false },
    'messages[1].tool_calls: there are 2 calls',
  ],
  ['two functions of one name', [end], { tools: [tool('now'), tool('now')] }, 'tools: two functions have one name'],
  [
    'arguments that a request refuses to be of a function',
    [end],
    { tools: [tool('now'), { type: 'function', function: { name: 'at', parameters: { type: 'string' } } }] },
    'tools[1].function.parameters: expected a JSON schema of "type": "object"',
  ],
  [
    'a function without a type of its arguments',
    [end],
    { tools: [{ type: 'function', function: { name: 'at', parameters: {} } }] },
    'tools[0].function.parameters: expected',
  ],
  [
    "OpenAI's older form",
    [{ role: 'assistant', content: 'a', function_call: { name: 'now', arguments: '{}' } }],
    {},
    'messages[1].function_call: write it as "tool_calls"',
  ],
  ["OpenAI's older form of functions", [end], { functions: [{ name: 'now' }] }, 'functions: write them as "tools": [{"type": "function"'],
  ['a field that no row has', [end], { function: [] }, 'function: unknown field "function"'],
])('refused: %s', (_, messages, more, message) => {
  expect(() => chat(messages, more)).toThrow(message)
})
