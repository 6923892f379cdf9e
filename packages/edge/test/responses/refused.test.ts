import { beforeEach, expect, test } from 'vitest'
import { refusal, script, seen } from '../edge.ts'
import { respond } from './respond.ts'

beforeEach(() => script())

const person = { type: 'json_schema', name: 'person', schema: { type: 'object' } }
const clock = { type: 'function', name: 'clock' }

test.each([
  [{ tools: [{ type: 'web_search' }] }, 'tools[0].type', 'web_search'],
  [{ tools: [{ type: 'file_search', vector_store_ids: ['a'] }] }, 'tools[0].type', 'file_search'],
  [{ background: true }, 'background', 'background'],
  [{ conversation: 'conv_1' }, 'conversation', 'previous_response_id'],
  [{ prompt: { id: 'pmpt_1' } }, 'prompt', 'route'],
  [{ reasoning: { effort: 'medium' } }, 'reasoning', 'effort'],
  [{ include: ['web_search_call.results'] }, 'include[0]', 'logprobs'],
  [{ text: { verbosity: 'low' } }, 'text.verbosity', 'medium'],
  [{ text: { format: { type: 'grammar' } } }, 'text.format.type', ''],
  [{ text: { format: { type: 'json_schema', name: 'x' } } }, 'text.format.schema', 'expected a value'],
  [{ text: { format: person }, structured_outputs: { regex: 'a' } }, 'structured_outputs.regex', 'text.format.schema'],
  [{ tool_choice: { type: 'web_search' } }, 'tool_choice.type', 'function'],
  [{ tool_choice: 'required' }, 'tool_choice', 'tools'],
  [{ tools: [clock, clock] }, 'tools[1].name', 'two functions'],
  [{ tools: [{ ...clock, parameters: { type: 'string' } }] }, 'tools[0].parameters', 'object'],
  [{ max_tokens: 4 }, 'max_tokens', 'max_tokens'],
  [{ stream_options: { include_usage: true } }, 'stream_options.include_usage', ''],
  [{ stream_options: {} }, 'stream_options', 'stream'],
  [{ input: [] }, 'input', 'expected'],
  [{ input: [{ type: 'web_search_call', id: 'a' }] }, 'input[0].type', 'web_search_call'],
  [{ input: [{ type: 'reasoning', summary: [] }] }, 'input[0].type', 'reasoning'],
  [{ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] }, 'input[0].content[0].type', 'input_image'],
  [{ input: [{ role: 'tool', content: 'x' }] }, 'input[0].role', ''],
  [{ input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }, 'input[0].call_id', ''],
  [{ input: [{ type: 'function_call_output', call_id: 'nowhere', output: 'x' }] }, 'input[0].call_id', 'nowhere'],
  [{ metadata: { a: 1 } }, 'metadata.a', 'string'],
  [{ previous_response_id: 'resp_nowhere' }, 'previous_response_id', 'resp_nowhere'],
  [{ input: [{ type: 'item_reference', id: 'msg_nowhere' }] }, 'input[0].id', 'msg_nowhere'],
])('%j is refused by name', async (body, param, said) => {
  const { http, error } = await respond(body)
  expect([400, 404]).toContain(http)
  expect(error).toMatchObject({ param, message: expect.stringContaining(said) })
  expect(error.message).not.toMatch(/Invalid input$/)
  expect(await seen()).toEqual([])
})

test('what asks for nothing is taken', async () => {
  await script({
    on: 'POST /generate',
    times: 0,
    json: { text: 'Hi', tokens: [1], finish_reason: 'stop', usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
  })
  for (const body of [
    { background: false, conversation: null, prompt: null, reasoning: { effort: 'none', summary: null }, max_tool_calls: 3, service_tier: 'auto' },
    { include: ['reasoning.encrypted_content'], text: {}, tools: [], tool_choice: 'auto', store: false, prompt_cache_key: 'k', user: 'u' },
    { stream_options: null, metadata: null, truncation: 'disabled', safety_identifier: 's', context_management: [], moderation: null },
  ])
    expect(await respond(body)).toMatchObject({ http: 200 })
})

test.each(['none', 'auto'])('the schema of a function that means nothing, which is said of its field with the choice %s', async (choice) => {
  const details = { path: '#/properties/a/type', function: 'clock' }
  const json = { error: { code: 'unsupported_schema', message: 'at "#/properties/a/type"', param: 'grammar', details } }
  await script({ ...refusal(400, 'unsupported_schema', 'POST /generate'), json })
  const tools = [{ type: 'function', name: 'weather' }, clock]
  expect(await respond({ tools, tool_choice: choice })).toMatchObject({ http: 400, error: { param: 'tools[1].parameters', details } })
})
