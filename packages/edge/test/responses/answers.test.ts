import { beforeEach, describe, expect, test } from 'vitest'
import { adapterFile, edge, generated, json, post, publish, refusal, script, seen, streamed } from '../edge.ts'
import { events, inPieces, openai, respond } from './respond.ts'

beforeEach(() => script())

const schema = { type: 'object', properties: { firstName: { type: 'string' } }, required: ['firstName'] }
const format = { type: 'json_schema', name: 'person', strict: true, schema }
const weather = { type: 'function', name: 'weather', description: 'Of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } }
const clock = { type: 'function', name: 'clock' }
describe('text', () => {
  test("is answered as OpenAI's client reads it, through a route and its defaults", async () => {
    await script(generated('Hi.'))
    const answer = await openai.responses.create({ model: 'base', input: 'Hello', instructions: 'Be brief.', max_output_tokens: 4, metadata: { callId: 'x' } })
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^resp_/),
      object: 'response',
      status: 'completed',
      output_text: 'Hi.',
      output: [
        { type: 'message', id: expect.stringMatching(/^msg_/), role: 'assistant', status: 'completed', content: [{ type: 'output_text', annotations: [] }] },
      ],
      instructions: 'Be brief.',
      max_output_tokens: 4,
      metadata: { callId: 'x' },
      temperature: 1,
      tool_choice: 'auto',
      tools: [],
      text: { format: { type: 'text' } },
      usage: { input_tokens: 3, input_tokens_details: { cached_tokens: 1, cache_write_tokens: 0 }, output_tokens: 2, total_tokens: 5, virtual_tokens: 2 },
    })
    const [{ body }] = (await seen()) as unknown as [{ body: any }]
    expect(body).toMatchObject({
      max_tokens: 4,
      top_k: 13,
      prompt: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello' },
        ],
      },
    })
  })

  test('that ran out of tokens is incomplete', async () => {
    const step = generated('Hi')
    await script({ ...step, json: { ...(step.json as object), finish_reason: 'length' } }, inPieces('Hi', 3, 'length'))
    const cut = { status: 'incomplete', completed_at: null, incomplete_details: { reason: 'max_output_tokens' }, output: [{ status: 'incomplete' }] }
    expect(await respond({})).toMatchObject(cut)
    expect((await events({})).at(-1)).toMatchObject({ type: 'response.incomplete', response: cut })
  })

  test("is streamed in OpenAI's events", async () => {
    await script(inPieces('Hello.'))
    const all = await events({})
    expect(all.map(({ type }) => type.replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ])
    const [created, , added, part, first, second, done, partDone, itemDone, completed] = all
    expect(created.response).toMatchObject({ status: 'in_progress', output: [], usage: null })
    expect(added).toMatchObject({ output_index: 0, item: { type: 'message', status: 'in_progress', content: [] } })
    expect([part, first, second, done, partDone].every((each) => each.item_id === added.item.id && each.content_index === 0 && each.output_index === 0)).toBe(
      true,
    )
    expect([first.delta, second.delta, done.text, partDone.part.text]).toEqual(['Hel', 'lo.', 'Hello.', 'Hello.'])
    expect(completed.response).toMatchObject({ id: created.response.id, status: 'completed', output: [itemDone.item], usage: { total_tokens: 5 } })
    expect(itemDone.item).toMatchObject({ id: added.item.id, status: 'completed', content: [{ text: 'Hello.' }] })
  })

  test("is put together by OpenAI's client", async () => {
    await script(inPieces('Hello there.'))
    const stream = openai.responses.stream({ model: 'base', input: 'Hello' })
    let text = ''
    stream.on('response.output_text.delta', ({ delta }) => (text += delta))
    expect((await stream.finalResponse()).output_text).toBe('Hello there.')
    expect(text).toBe('Hello there.')
  })

  test('of nothing is a message without text', async () => {
    await script(generated(''), streamed({ events: streamed().events!.slice(-1) }))
    const nothing = [{ type: 'message', content: [{ type: 'output_text', text: '' }] }]
    expect((await respond({})).output).toMatchObject(nothing)
    expect((await events({})).at(-1).response.output).toMatchObject(nothing)
  })

  test('carries log-probabilities where they are asked for', async () => {
    const top = [{ token: 'x', id: 7, logprob: -2 }]
    const of = (token: string, textOffset: number) => ({ token, id: 1, logprob: -0.5, bytes: [65], text_offset: textOffset, top_logprobs: top })
    const step = generated('ab')
    const withLogprobs = { ...step, json: { ...(step.json as object), logprobs: [of('a', 0), of('b', 1)] } }
    const pieces = streamed()
    // The first token is half a character: its text comes with the second.
    pieces.events!.splice(0, 2, { data: { token: 1, text: '', logprob: of('a', 0) } }, { data: { token: 2, text: 'ab', logprob: of('b', 0) } })
    await script(withLogprobs, pieces)
    const asked = { include: ['message.output_text.logprobs'], top_logprobs: 1 }
    const entry = { token: 'a', logprob: -0.5, bytes: [65], top_logprobs: [{ token: 'x', logprob: -2, bytes: null }] }
    expect((await respond(asked)).output[0].content[0].logprobs).toEqual([entry, { ...entry, token: 'b' }])
    const all = await events(asked)
    expect(all.filter(({ type }) => type === 'response.output_text.delta').map(({ logprobs }) => logprobs)).toEqual([[entry, { ...entry, token: 'b' }]])
    expect(all.at(-1).response.output[0].content[0].logprobs).toHaveLength(2)
    for (const { body } of await seen()) expect(body).toMatchObject({ logprobs: 1 })
  })

  test('keeps to a format', async () => {
    await script(generated('{}'), generated('{}'), generated('yes'))
    expect((await respond({ text: { format } })).text).toEqual({ format })
    await respond({ text: { format: { type: 'json_object' }, verbosity: 'medium' } })
    await respond({ structured_outputs: { choice: ['yes', 'no'] } })
    expect((await seen()).map(({ body }) => (body as { grammar: object }).grammar)).toEqual([
      { type: 'json_schema', schema },
      { type: 'json_object' },
      { type: 'choice', choice: ['yes', 'no'] },
    ])
  })
})

describe('calls', () => {
  const call = '{"name": "weather", "arguments": {"city": "Bern"}}'
  const tagged = `It may rain.\n<tool_call>\n${call}\n</tool_call>\n<tool_call>\n{"name": "clock", "arguments": {}}\n</tool_call>`

  test('stand behind the text, whole and streamed', async () => {
    await script(generated(tagged), inPieces(tagged, 5))
    const { output } = await respond({ tools: [weather, clock] })
    const expected = [
      { type: 'message', content: [{ text: 'It may rain.\n' }] },
      {
        type: 'function_call',
        id: expect.stringMatching(/^fc_/),
        call_id: expect.any(String),
        name: 'weather',
        arguments: '{"city": "Bern"}',
        status: 'completed',
      },
      { type: 'function_call', name: 'clock', arguments: '{}' },
    ]
    expect(output).toMatchObject(expected)
    const all = await events({ tools: [weather, clock] })
    expect(all.at(-1).response.output).toMatchObject(expected)
    const added = all.filter(({ type }) => type === 'response.output_item.added')
    expect(added.map(({ output_index, item }) => [output_index, item.type, item.arguments])).toEqual([
      [0, 'message', undefined],
      [1, 'function_call', ''],
      [2, 'function_call', ''],
    ])
    const deltas = all.filter(({ type, item_id }) => type === 'response.function_call_arguments.delta' && item_id === added[1].item.id)
    expect(deltas.map(({ delta }) => delta).join('')).toBe('{"city": "Bern"}')
    expect(deltas.length).toBeGreaterThan(1)
    expect(all.find(({ type }) => type === 'response.function_call_arguments.done')).toMatchObject({ name: 'weather', arguments: '{"city": "Bern"}' })
  })

  test('that have to be made leave no message, and one function is its arguments', async () => {
    await script(generated(call), generated('{"city": "Bern"}'), inPieces('{"city": "Bern"}'))
    const named = { tools: [weather, clock], tool_choice: { type: 'function', name: 'weather' } }
    expect((await respond({ tools: [weather, clock], tool_choice: 'required' })).output).toMatchObject([{ type: 'function_call', name: 'weather' }])
    expect((await respond(named)).output).toMatchObject([{ type: 'function_call', arguments: '{"city": "Bern"}' }])
    expect((await events(named)).at(-1).response).toMatchObject({ status: 'completed', output: [{ type: 'function_call', arguments: '{"city": "Bern"}' }] })
    expect((await seen()).map(({ body }) => (body as any).grammar.type)).toEqual(['tool_calls', 'json_schema', 'json_schema'])
  })

  test('are of the allowed functions alone', async () => {
    await script(generated('no'))
    const choice = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'clock' }] }
    expect(await respond({ tools: [weather, clock], tool_choice: choice })).toMatchObject({ http: 200, tool_choice: choice })
    expect((await seen())[0].body).toMatchObject({ grammar: { functions: [{ name: 'clock' }] }, prompt: { tools: [{ name: 'weather' }, { name: 'clock' }] } })
    expect(await respond({ tools: [weather], tool_choice: choice })).toMatchObject({ http: 400, error: { param: 'tool_choice.tools[0].name' } })
  })

  test('are one at most where they may not be parallel, in chats too', async () => {
    await script(generated('no'), generated('no'), generated('no'))
    await respond({ tools: [weather], parallel_tool_calls: false })
    await post('/v1/chat/completions', {
      model: 'base',
      messages: [{ role: 'user', content: 'Hello' }],
      tools: [{ type: 'function', function: { name: 'clock' } }],
      parallel_tool_calls: false,
    })
    await respond({ tools: [weather], parallel_tool_calls: true })
    expect((await seen()).map(({ body }) => (body as any).grammar.single)).toEqual([true, true, undefined])
  })

  test('and what they gave go back as items', async () => {
    await script(generated('Rain.'))
    const output = [
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Let me look.', annotations: [], logprobs: [] }],
      },
      {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'call-1',
        name: 'weather',
        arguments: '{"city": "Bern"}',
        status: 'completed',
        parsed_arguments: { city: 'Bern' },
      },
      { type: 'function_call', call_id: 'call-2', name: 'clock', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call-2', output: [{ type: 'input_text', text: 'noon' }] },
      { type: 'function_call_output', call_id: 'call-1', output: 'rain' },
    ]
    await respond({ input: [{ role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] }, ...output], tools: [weather], tool_choice: 'none' })
    const [{ body }] = (await seen()) as unknown as [{ body: any }]
    expect(body.prompt.messages).toEqual([
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: 'Let me look.',
        tool_calls: [
          { id: 'call-1', type: 'function', function: { name: 'weather', arguments: '{"city": "Bern"}' } },
          { id: 'call-2', type: 'function', function: { name: 'clock', arguments: '{}' } },
        ],
      },
      { role: 'tool', content: 'noon', tool_call_id: 'call-2' },
      { role: 'tool', content: 'rain', tool_call_id: 'call-1' },
    ])
  })
})

test('a failure in mid-stream is its last event', async () => {
  await script(streamed({ events: [{ data: { token: 1, text: 'He' } }], then: 'die' }))
  const all = await events({})
  expect(all.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed', error: { code: 'runner_unavailable' } } })
  expect(await json(post('/v1/responses', { model: 'nobody', input: 'Hello', stream: true }))).toMatchObject({ http: 404, error: { code: 'model_not_found' } })
})

test('of a text that stands in for a composition, every response says so', async () => {
  await publish('style/stood', await adapterFile({ value: 0.85 }))
  await edge('/v1/routes/stood', { method: 'PUT', body: JSON.stringify({ composition: 'base + style/stood', twin: 'base + "Be grave."' }) })
  await edge('/v1/adapters/style/stood?force=true', { method: 'DELETE' })
  await script(generated('Hi.'), inPieces('Hi.'))
  expect(await respond({ model: 'stood' })).toMatchObject({ http: 200, twin: true })
  const responses = (await events({ model: 'stood' })).flatMap(({ response }) => (response ? [response.twin] : []))
  expect(responses).toEqual([true, true, true])
})

describe('what there is no room for', () => {
  const tooLong = (needed: number) => ({
    ...refusal(400, 'context_length_exceeded', 'POST /generate'),
    json: { error: { code: 'context_length_exceeded', message: 'too long', param: 'prompt', details: { needed, limit: 100, prompt: needed } } },
  })
  const input = [
    { role: 'user', content: 'One' },
    { type: 'function_call', call_id: 'a', name: 'clock', arguments: '{}' },
    { type: 'function_call_output', call_id: 'a', output: 'noon' },
    { role: 'user', content: 'Two' },
  ]

  test('is refused, and said of the input', async () => {
    await script(tooLong(120))
    expect(await respond({ input })).toMatchObject({ http: 400, error: { code: 'context_length_exceeded', param: 'input' } })
  })

  test('is left out from the oldest on, where truncation is asked for', async () => {
    await script(tooLong(120), tooLong(110), generated('Hi.'))
    expect(await respond({ input, truncation: 'auto', instructions: 'Be brief.' })).toMatchObject({ http: 200, truncation: 'auto' })
    const roles = (await seen()).map(({ body }) => (body as any).prompt.messages.map(({ role }: { role: string }) => role))
    expect(roles).toEqual([
      ['system', 'user', 'assistant', 'tool', 'user'],
      ['system', 'assistant', 'tool', 'user'],
      ['system', 'user'],
    ])
    await script({ ...tooLong(900), times: 0 })
    expect(await respond({ input, truncation: 'auto' })).toMatchObject({ http: 400, error: { code: 'context_length_exceeded' } })
  })

  const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'clock', arguments: '{}' })
  const output = (call_id: string, said = call_id) => ({ type: 'function_call_output', call_id, output: said })

  test.each([
    ['as they were made', [call('a'), call('b'), output('a'), output('b')], ['b']],
    ['in any order', [call('a'), call('b'), output('b'), output('a')], ['b']],
    ['under an id that was used before', [call('a'), call('b'), output('b'), output('a'), call('a'), output('a', 'again')], ['b', 'again']],
  ])('of calls that were made together, an output goes with its own: %s', async (_, items, kept) => {
    await script(tooLong(101), generated('Hi.'))
    expect(await respond({ input: [...items, { role: 'user', content: 'And now?' }], truncation: 'auto' })).toMatchObject({ http: 200 })
    const { messages } = (await seen()).map(({ body }) => (body as any).prompt).at(-1)
    expect(messages[0].tool_calls.map(({ id }: { id: string }) => id)).toEqual(['b'])
    expect(messages.filter(({ role }: { role: string }) => role === 'tool').map(({ content }: { content: string }) => content)).toEqual(kept)
  })

  test('an output that is the newest stays, and is refused where its call has no room', async () => {
    await script(tooLong(101), generated('Hi.'))
    const input = [call('a'), call('b'), output('a'), output('b')]
    expect(await respond({ input, truncation: 'auto' })).toMatchObject({ http: 200 })
    await script({ ...tooLong(101), times: 0 })
    expect(await respond({ input, truncation: 'auto' })).toMatchObject({ http: 400, error: { code: 'context_length_exceeded', param: 'input' } })
  })
})
