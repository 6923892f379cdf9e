import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createChat } from '@weft/model/tokenizer/chat'
import { expect, test } from 'vitest'
import { ours } from './call-form.ts'
import { chatPrompt, chatTurns } from './chat-prompt.ts'
import { abilitiesOf } from './template-abilities.ts'

const template = (name: string) =>
  createChat(readFileSync(join(import.meta.dirname, '../../../../test/golden/chat/templates', name), 'utf8'), { bos_token: '<s>', eos_token: '</s>' })
const tools = [{ name: 'weather', description: 'Of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } }]
const call = { id: 'call-1', type: 'function' as const, function: { name: 'weather', arguments: '{"city": "Bern"}' } }
const messages = [
  { role: 'user' as const, content: 'Weather?' },
  { role: 'assistant' as const, content: null, toolCalls: [call] },
  { role: 'tool' as const, content: 'rain', toolCallId: 'call-1' },
]

test('a template that knows functions writes them, their calls and their results', () => {
  const qwen = template('qwen3.jinja')
  expect(abilitiesOf(qwen)).toMatchObject({ tools: true, calls: true, form: ours })
  const text = chatPrompt(qwen, { messages, tools })
  expect(text).toContain('"description": "Of a city"')
  expect(text).toContain('<tool_call>\n{"name": "weather", "arguments": {"city": "Bern"}}\n</tool_call>')
  expect(text).toContain('<tool_response>\nrain\n</tool_response>')
})

test('numbers in arguments are shown as they were written', () => {
  const written = '{"order": 12345678901234567890, "price": 100.0, "n": [1, 1e+21], "share": 0.5}'
  const called = [messages[0], { ...messages[1], toolCalls: [{ ...call, function: { ...call.function, arguments: written } }] }] as typeof messages
  for (const name of ['qwen3.jinja', 'chatml.jinja']) expect(chatPrompt(template(name), { messages: called, tools })).toContain(`"arguments": ${written}`)
})

test.each(['chatml.jinja', null])('where none does, they stand in a system message, and calls in the turns that made them: %s', (name) => {
  const chat = name === null ? createChat(null) : template(name)
  expect(abilitiesOf(chat)).toMatchObject({ tools: false, calls: false, form: ours })
  const text = chatPrompt(chat, { messages: [{ role: 'system', content: 'Be brief.' }, ...messages], tools })
  expect(text).toContain('Be brief.\n\nFunctions')
  expect(text).toContain(JSON.stringify(tools[0]))
  expect(text).toContain('<tool_call>\n{"name": "weather", "arguments": {"city": "Bern"}}\n</tool_call>')
  expect(chatPrompt(chat, { messages: messages.slice(0, 1) })).not.toContain('Functions')
})

test.each(['deepseek', 'llama-2', 'phi-3', 'qwen3'])('nothing that is said is passed over, where a template knows no such role: %s', (name) => {
  const chat = template(`${name}.jinja`)
  const question = messages.slice(0, 1)
  const instructed = (role: 'system' | 'developer') => chatPrompt(chat, { messages: [{ role, content: 'Be brief.' }, ...question] })
  expect(instructed('developer')).toBe(instructed('system'))
  expect(instructed('developer')).toContain('Be brief.')
  expect(chatPrompt(chat, { messages, tools })).toContain('rain')
})

test('functions, and what they gave, are the user’s where a template has no system, or wants user and assistant to take turns', () => {
  const inTurns =
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}<{{ m.role }}>{{ m.content }}{% endfor %}"
  const gemma2 = createChat(`{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${inTurns}`)
  const written = '<tool_call>\n{"name": "weather", "arguments": {"city": "Bern"}}\n</tool_call>'
  const calls = { ...messages[1]!, toolCalls: [call, { ...call, id: 'call-2' }] }
  const again = { role: 'tool' as const, content: 'sun', toolCallId: 'call-2' }
  const talk = [messages[0]!, calls, messages[2]!, again, said('user', 'And now?')]
  const text = chatPrompt(gemma2, { messages: talk, tools })
  expect(text).toMatch(/^<user>Functions, called as [^]*\{"name":"weather".*\}\n\nWeather\?<assistant>/)
  expect(text.endsWith(`<assistant>${written}\n${written}<user>rain\n\nsun\n\nAnd now?`)).toBe(true)
  expect(chatPrompt(gemma2, { messages: talk.slice(0, 1), tools })).toBe(text.slice(0, text.indexOf('<assistant>')))
  expect(chatPrompt(gemma2, { messages: talk.slice(0, 4) })).toBe(`<user>Weather?<assistant>${written}\n${written}<user>rain\n\nsun`)
  // What was said by others is objected to as before.
  for (const own of [
    [said('system', 'Be brief.'), ...talk],
    [said('user', 'Hi'), ...talk],
  ])
    expect(() => chatPrompt(gemma2, { messages: own, tools })).toThrow(expect.objectContaining({ code: 'invalid_chat' }))
  expect(chatPrompt(template('gemma.jinja'), { messages, tools })).toContain('<start_of_turn>user\nrain<end_of_turn>')
})

test('functions stand with what a developer says, and a role that a template knows stays', () => {
  const text = chatPrompt(template('phi-3.jinja'), { messages: [{ role: 'developer', content: 'Be brief.' }, ...messages], tools })
  expect(text).toContain('Be brief.\n\nFunctions')
  expect(text).toContain('<|user|>\nrain')
  expect(chatPrompt(template('llama-3.jinja'), { messages: [{ role: 'developer', content: 'Be brief.' }, ...messages] })).toContain('developer')
})

test.each(['deepseek', 'llama-2', 'phi-3', 'qwen3'])('of several instructions none is left out: %s', (name) => {
  const chat = template(`${name}.jinja`)
  const system = (content: string, role: 'system' | 'developer' = 'system') => ({ role, content })
  for (const role of ['system', 'developer'] as const)
    for (const given of [undefined, tools]) {
      const text = chatPrompt(chat, { messages: [system('Be brief.'), system('Speak French.', role), ...messages.slice(0, 1)], tools: given })
      expect(text).toMatch(/Be brief\.[^]*Speak French\.[^]*Weather\?/)
    }
  const apart = name === 'phi-3' || name === 'qwen3'
  const several = chatPrompt(chat, { messages: [system('Be brief.'), system('Speak French.'), ...messages.slice(0, 1)] })
  expect(several.includes('Be brief.\n\nSpeak French.')).toBe(!apart)
})

const said = (role: 'system' | 'developer' | 'user' | 'assistant', content: string) => ({ role, content })
const talk = (...between: ReturnType<typeof said>[]) => [said('system', 'Be brief.'), said('user', 'Hi'), said('assistant', 'Yes?'), ...between]

test.each(['system', 'developer'] as const)('a later %s message is in the user’s turn where a template keeps the first alone, or the last alone', (role) => {
  const prompt = (name: string, ...between: ReturnType<typeof said>[]) => chatPrompt(template(name), { messages: talk(...between) })
  const later = said(role, 'Speak French.')
  expect(prompt('llama-2.jinja', later, said('user', 'Why?'))).toBe(
    '<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Yes? </s><s>[INST] Speak French.\n\nWhy? [/INST]',
  )
  expect(prompt('deepseek.jinja', later, said('user', 'Why?'))).toContain(
    '<s>Be brief.<｜User｜>Hi<｜Assistant｜>Yes?<｜end▁of▁sentence｜><｜User｜>Speak French.\n\nWhy?',
  )
  expect(prompt('llama-2.jinja', said('user', 'Why?'), later, said('system', 'Now.'))).toContain('[INST] Why?\n\nSpeak French.\n\nNow. [/INST]')
  expect(prompt('llama-2.jinja', later)).toContain('Yes? </s><s>[INST] Speak French. [/INST]')
  expect(prompt('llama-2.jinja', later, said('assistant', 'Oui.'), said('user', 'Why?'))).toContain(
    '[INST] Speak French. [/INST] Oui. </s><s>[INST] Why? [/INST]',
  )
  expect(chatPrompt(template('deepseek.jinja'), { messages: talk(later, said('user', 'Why?')).slice(1) })).toContain('<｜User｜>Speak French.\n\nWhy?')
  expect(prompt('llama-2.jinja', said('system', ''))).toMatch(/Yes\? <\/s>$/)
  // One that shows it goes on showing it where it stands, and one that objects to it goes on objecting.
  expect(prompt('phi-3.jinja', later, said('user', 'Why?'))).toContain('<|system|>\nSpeak French.<|end|>\n<|user|>\nWhy?')
  expect(() => prompt('mistral.jinja', later, said('user', 'Why?'))).toThrow(expect.objectContaining({ code: 'invalid_chat' }))
})

test('what a chat begins with is the user’s where its template leaves it out', () => {
  const mistral = template('mistral.jinja')
  const called = [messages[0]!, { ...messages[1]!, toolCalls: [{ ...call, id: 'call-0001' }] }, { ...messages[2]!, toolCallId: 'call-0001' }]
  expect(chatPrompt(mistral, { messages: [said('system', 'Be brief.'), ...called], tools })).toContain('[INST] Be brief.\n\nWeather?[/INST][TOOL_CALLS]')
  expect(chatPrompt(mistral, { messages: talk(said('user', 'Why?')) })).toBe('<s>[INST] Hi[/INST] Yes?</s>[INST] Be brief.\n\nWhy?[/INST]')
  expect(chatPrompt(template('llama-2.jinja'), { messages: [said('system', 'Be brief.')] })).toBe('<s>[INST] Be brief. [/INST]')
  const unruly = createChat("{% for m in messages if m.role != 'system' %}<{{ m.role }}>{{ m.content }}{% endfor %}")
  expect(chatPrompt(unruly, { messages: [said('developer', 'Be brief.'), ...messages.slice(0, 1)], tools })).toMatch(
    /^<user>Functions[^]*Be brief\.\n\nWeather\?$/,
  )
})

test('what is said beside calls is a message of its own where a template shows the calls alone, or begins the answer behind them', () => {
  const talked = (id: string, ...more: ReturnType<typeof said>[]) => ({
    messages: [messages[0]!, { ...messages[1]!, content: 'I look.', toolCalls: [{ ...call, id }] }, { ...messages[2]!, toolCallId: id }, ...more],
    tools,
  })
  const begun = '<|start_header_id|>assistant<|end_header_id|>\n\n'
  expect(chatPrompt(template('llama-3.jinja'), talked('call-1'))).toContain(`${begun}I look.<|eot_id|>${begun}{"name": "weather", "parameters"`)
  expect(chatPrompt(template('qwen3.jinja'), talked('call-1'))).toContain('I look.\n<tool_call>')
  expect(chatPrompt(template('mistral.jinja'), talked('call-0001'))).toContain('[INST] Weather?[/INST] I look.</s>[TOOL_CALLS]')
  const answered = chatPrompt(template('mistral.jinja'), talked('call-0001', said('assistant', 'Rain.'), said('user', 'Oh')))
  expect(answered).toMatch(/ Weather\?\[\/INST\]\[TOOL_CALLS\][^]*\[\/TOOL_RESULTS\] I look\.\n\nRain\.<\/s>.*\[INST\] Oh\[\/INST\]$/)
  const silent = createChat(
    "{{ tools | tojson }}{% for m in messages %}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% elif m.role == 'assistant' %}{{ raise_exception('no') }}{% else %}<{{ m.role }}>{{ m.content }}{% endif %}{% endfor %}",
  )
  expect(() => chatPrompt(silent, talked('call-1'))).toThrow(
    expect.objectContaining({ code: 'message_not_shown', status: 400, param: 'messages', message: expect.stringContaining('the assistant says in "I look."') }),
  )
})

test('calls stand in the turns that made them where a template shows functions and no calls', () => {
  const silent = createChat(
    '{% if tools %}<available_tools>{{ tools | tojson }}{% endif %}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}',
  )
  expect(abilitiesOf(silent)).toMatchObject({ tools: true, calls: false, form: undefined })
  expect(chatPrompt(silent, { messages, tools })).toMatch(
    /^<available_tools>[^]*<user>Weather\?<assistant><tool_call>\n\{"name": "weather", "arguments": \{"city": "Bern"\}\}\n<\/tool_call><tool>rain<assistant>$/,
  )
})

test('calls have ids of nine letters and digits where a template takes no others', () => {
  const mistral = template('mistral.jinja')
  expect(abilitiesOf(mistral)).toMatchObject({ tools: true, calls: true })
  const idsOf = (chat: ReturnType<typeof template>, id: string) => {
    const [, called, result] = chatTurns(chat, [messages[0]!, { ...messages[1]!, toolCalls: [{ ...call, id }] }, { ...messages[2]!, toolCallId: id }])
    return [(called!.tool_calls as { id: string }[])[0]!.id, result!.tool_call_id]
  }
  const [made, answered] = idsOf(mistral, 'call-mik3j0abcdefghijklmnopqr')
  expect(made).toMatch(/^[a-z0-9]{9}$/)
  expect(answered).toBe(made)
  expect(idsOf(mistral, 'call-mik3j0abcdefghijklmnopqs')).not.toContain(made)
  expect(idsOf(mistral, 'D681PevKs')).toEqual(['D681PevKs', 'D681PevKs'])
  expect(idsOf(template('qwen3.jinja'), 'call-1')).toEqual(['call-1', 'call-1'])
  expect(chatPrompt(mistral, { messages, tools })).toMatch(/\[TOOL_CALLS\] \[\{"name": "weather", .*, "id": "[a-z0-9]{9}"\}\]<\/s>\[TOOL_RESULTS\]/)
})

test.each(["'<call>' + c.name + c.arguments + '</call>'", 'c.name ~ c.arguments'])(
  'arguments are a text where a template writes them as one: %s',
  (written) => {
    const functionary = createChat(
      `{{ tools | tojson }}{% for m in messages %}<{{ m.role }}>{% for each in m.tool_calls or [] %}{% set c = each.function %}{{ ${written} }}{% else %}{{ m.content }}{% endfor %}{% endfor %}`,
    )
    expect(abilitiesOf(functionary)).toMatchObject({ tools: true, calls: true })
    expect(chatPrompt(functionary, { messages, tools })).toMatch(/<assistant>(<call>)?weather\{"city": "Bern"\}(<\/call>)?<tool>rain$/)
    const printed = createChat('{{ tools }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ m.tool_calls }}{% endfor %}')
    expect(chatPrompt(printed, { messages, tools })).toContain("'arguments': {'city': 'Bern'}")
  },
)

test('a message that a template shows in no turn is refused, and one that says nothing is not looked for', () => {
  const forgetful = createChat('{% for m in messages[-2:] %}<{{ m.role }}>{{ m.content | tojson(ensure_ascii=true) }}{% endfor %}')
  expect(() => chatPrompt(forgetful, { messages: [said('user', 'Hi'), said('assistant', 'Yes?'), said('user', 'Why?')] })).toThrow(
    expect.objectContaining({ code: 'message_not_shown', message: expect.stringContaining('the user says in "Hi"') }),
  )
  expect(chatPrompt(forgetful, { messages: [said('system', ' '), said('assistant', 'Yes?'), said('user', 'Wh"y?')] })).toBe('<assistant>"Yes?"<user>"Wh\\"y?"')
})

const sentBack = (written: string) => [
  messages[0]!,
  { ...messages[1]!, toolCalls: [{ ...call, function: { ...call.function, arguments: written } }] },
  messages[2]!,
]
const walking = (inner: string) =>
  createChat(
    `{{ tools | tojson if tools else "" }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% for c in m.tool_calls or [] %}<tool_call>{{ c.function.name }}:${inner}</tool_call>{% endfor %}{% endfor %}`,
  )

test.each([
  ['qwen3.jinja', '"arguments": {"oops}'],
  ['chatml.jinja', '"arguments": {"oops}'],
  ['llama-3.jinja', '"parameters": "{\\"oops"}'],
  ['mistral.jinja', '"arguments": "{\\"oops"'],
  ['macros-tools.jinja', '"arguments": {"oops}'],
])('arguments that are no JSON stand in a prompt as somebody wrote them: %s', (name, shown) => {
  const text = chatPrompt(template(name), { messages: sentBack('{"oops'), tools })
  expect(text).toContain(shown)
  expect(text).toContain('rain')
})

const inOurs = (written: string): string => `<tool_call>\n{"name": "weather", "arguments": ${written}}\n</tool_call>`
const inItsOwn = (written: string): string => `<tool_call>weather:${written}</tool_call>`

test.each([
  ['members are walked', '{% for k, v in c.function.arguments | items %}{{ k }}={{ v }};{% endfor %}', 'city=Bern;', inOurs],
  ['each is looked up', '{% for k in c.function.arguments %}{{ k }}={{ c.function.arguments[k] }};{% endfor %}', 'city=Bern;', inOurs],
  // Of arguments in JSON the template's own form is known.
  ['an object alone is shown', '{% if c.function.arguments is mapping %}{{ c.function.arguments | tojson }}{% endif %}', '{"city": "Bern"}', inItsOwn],
  [
    'an object is asked for',
    "{{ raise_exception('no object') if c.function.arguments is not mapping else c.function.arguments | tojson }}",
    '{"city": "Bern"}',
    inItsOwn,
  ],
])('nor are they lost, or refused, where %s', (_, inner, own, asText) => {
  const chat = walking(inner)
  expect(chatPrompt(chat, { messages, tools })).toContain(`<tool_call>weather:${own}</tool_call><tool>rain`)
  for (const written of ['{"oops', '[1,2]', '"Bern"'])
    expect(chatPrompt(chat, { messages: sentBack(written), tools })).toContain(`<assistant>${asText(written)}<tool>rain`)
})
