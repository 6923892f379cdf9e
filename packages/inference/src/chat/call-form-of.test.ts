import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createChat } from '@weft/model/tokenizer/chat'
import { expect, test } from 'vitest'
import { type CallForm, COUNT, ID, isRead, isTold, listBehind, ours, writtenCalls } from './call-form.ts'
import { callOpening } from './call-opening.ts'
import { chatPrompt, chatTurns } from './chat-prompt.ts'
import { abilitiesOf } from './template-abilities.ts'

const folder = join(import.meta.dirname, '../../../../test/golden/chat/templates')
const names = { bos_token: '<s>', eos_token: '</s>' }
const formOf = (source: string | null): CallForm | undefined => abilitiesOf(createChat(source, names)).form
const ofFile = (name: string): CallForm | undefined => formOf(readFileSync(join(folder, `${name}.jinja`), 'utf8'))

const text = (literal: string): string => `{{ ${JSON.stringify(literal)} }}`

/** A template that writes functions, and calls as `each` does, between `open` and `close`. */
const writing = (each: string, { open = '', close = '', next = '', before = '' } = {}): string =>
  [
    `{{ tools | tojson }}{% for m in messages %}<{{ m.role }}>{% if m.role == "assistant" %}${text(before)}{% endif %}`,
    `{% if m.tool_calls %}${text(open)}{% for c in m.tool_calls %}${each}{% if not loop.last %}${text(next)}{% endif %}{% endfor %}${text(close)}`,
    '{% else %}{{ m.content }}{% endif %}<|end|>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}',
  ].join('')
const json = '{{ c.function | tojson }}'
const named = '{{ c.function.name }}'
const given = '{{ c.function.arguments | tojson }}'

test('the form of calls is what a template writes around names and arguments', () => {
  for (const name of ['qwen3', 'chatml', 'phi-3']) expect(ofFile(name)).toEqual(ours)
  expect(formOf(null)).toEqual(ours)
  expect(ofFile('macros-tools')).toBeUndefined()
  const whole = { ...ours, mark: '', opening: '', between: '", "parameters": ', next: null, close: '' }
  expect(ofFile('llama-3')).toEqual(whole)
  expect(ofFile('mistral')).toEqual({ ...listBehind('[TOOL_CALLS]'), opening: ' [', behind: `, "id": "${ID}"}` })
  expect(formOf(writing(json, { open: '<TOOLCALL>[', next: ', ', close: ']</TOOLCALL>' }))).toEqual({ ...listBehind('<TOOLCALL>'), close: ']</TOOLCALL>' })
})

test('a name may stand before the arguments, in no JSON, and an id or a number beside it', () => {
  const nameFirst = { mark: '[TOOL_CALLS]', opening: '', before: '', between: '[ARGS]', behind: '', next: '[TOOL_CALLS]', close: '' }
  expect(formOf(writing(`[TOOL_CALLS]${named}[ARGS]${given}`))).toEqual(nameFirst)
  expect(formOf(writing(`[TOOL_CALLS]${named}${given}`))).toEqual({ ...nameFirst, between: '' })
  expect(formOf(writing(`[TOOL_CALLS]${named}[CALL_ID]{{ c.id }}[ARGS]${given}`))).toEqual({ ...nameFirst, between: `[CALL_ID]${ID}[ARGS]` })
  expect(formOf(writing(`<|call|>functions.${named}:{{ loop.index0 }}<|args|>${given}<|done|>`, { open: '<|calls|>', close: '<|over|>' }))).toEqual({
    ...{ mark: '<|calls|>', opening: '<|call|>functions.', before: '', between: `:${COUNT}<|args|>`, behind: '' },
    ...{ next: '<|done|><|call|>functions.', close: '<|done|><|over|>' },
  })
  const counted = `{"id": "{{ loop.index0 }}", "tool": "${named}", "with": ${given}}`
  expect(formOf(writing(counted, { open: '<|do|>[\n    ', next: ',\n    ', close: '\n]<|done|>' }))).toEqual({
    ...{
      mark: '<|do|>',
      opening: '[\n    ',
      before: `{"id": "${COUNT}", "tool": "`,
      between: '", "with": ',
      behind: '}',
      next: ',\n    ',
      close: '\n]<|done|>',
    },
  })
})

test('what stands before words as well is no part of a form', () => {
  expect(
    formOf(writing(json, { ...{ open: '<tool_call>\n', next: `${ours.close}\n<tool_call>\n`, close: ours.close }, before: '<think>\n\n</think>\n\n' })),
  ).toEqual(ours)
})

test('arguments that are no JSON have no form, and those in tags that the prompt tells of are asked for as the edge reads them', () => {
  const xml = `<tool_call>\n<function=${named}>{% for k, v in c.function.arguments.items() %}<{{ k }}>{{ v }}{% endfor %}</tool_call>`
  expect(formOf(writing(xml))).toEqual(ours)
  expect(formOf(writing(xml.replaceAll('tool_call', 'call')))).toBeUndefined()
})

test('calls are told from text by a mark, or by JSON that is all of an answer', () => {
  expect([ours, listBehind('<|tool_call|>'), ofFile('llama-3')!, ofFile('mistral')!].map(isTold)).toEqual([true, true, true, true])
  for (const each of [`${named}\n${given}`, ` to=${named} ${given}`, `Action:\n${json}`]) expect(isTold(formOf(writing(each))!)).toBe(false)
  expect([ours, { ...ours, next: '\n</tool_call><tool_call>\n' }, { ...ours, next: null }].map(isRead)).toEqual([true, true, true])
  expect([listBehind('<tool_call>'), ofFile('llama-3')!, ofFile('mistral')!].map(isRead)).toEqual([false, false, false])
})

test('a template’s own calls are those that its form writes', () => {
  const calls = ['rain', 'snow'].map((name, i) => ({ id: `call0000${i}`, type: 'function' as const, function: { name, arguments: `{"place": ${i}}` } }))
  const messages = [
    { role: 'user' as const, content: '?' },
    { role: 'assistant' as const, content: '', toolCalls: calls },
  ]
  const tools = [{ name: 'rain' }, { name: 'snow' }]
  for (const source of [
    readFileSync(join(folder, 'qwen3.jinja'), 'utf8'),
    writing(json, { open: '<|tool_call|>[', next: ', ', close: ']' }),
    writing(`[TOOL_CALLS]${named}[ARGS]${given}`),
  ]) {
    const chat = createChat(source, names)
    const written = writtenCalls(abilitiesOf(chat).form!, calls)
    expect(chatPrompt(chat, { messages, tools })).toContain(written)
    expect(chatTurns(createChat(null), messages)[1]).toMatchObject({ content: writtenCalls(ours, calls) })
  }
})

test('where a template shows no calls, the form is the one that its prompt tells of', () => {
  const told = '{{ tools | tojson }}{% if tools %}When a tool is required, respond only with <|tool_call|> followed by a JSON list of tools used.{% endif %}'
  const silent = '{% for m in messages %}<{{ m.role }}>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}'
  const granite = createChat(`${told}${silent}`)
  expect(abilitiesOf(granite)).toMatchObject({ tools: true, calls: false, form: listBehind('<|tool_call|>') })
  const calls = ['rain', 'snow'].map((name, i) => ({ id: `c${i}`, type: 'function' as const, function: { name, arguments: '{"a": 1}' } }))
  const text = chatPrompt(granite, { messages: [{ role: 'assistant', content: 'I look.', toolCalls: calls }], tools: [{ name: 'rain' }] })
  expect(text).toContain('<assistant>I look.\n<|tool_call|>[{"name": "rain", "arguments": {"a": 1}}, {"name": "snow", "arguments": {"a": 1}}]<|end|>')
  expect(callOpening(granite, {})).toBe('<|tool_call|>[')
  expect(callOpening(granite, { name: 'rain' })).toBe('<|tool_call|>[{"name": "rain", "arguments":')
  expect(formOf(`{{ tools | tojson }}${silent}`)).toBeUndefined()
})

test('a call that has to be made begins in the template’s own words, up to what tells the name', () => {
  const openings = (source: string) => [{}, { name: 'rain' }].map((asked) => callOpening(createChat(source, names), asked))
  expect(openings(writing(`[TOOL_CALLS]${named}[ARGS]${given}`))).toEqual(['[TOOL_CALLS]', '[TOOL_CALLS]rain[ARGS]'])
  expect(openings(writing(`{"id": "0", "tool": "${named}", "with": ${given}}`, { open: '<|do|>[', next: ', ', close: ']' }))).toEqual([
    '<|do|>[',
    '<|do|>[{"id": "0", "tool": "rain", "with":',
  ])
  expect(openings(writing(`<tool_call>\n<function=${named}>{{ c.function.arguments.items() | list }}</tool_call>`))).toEqual(['', ''])
})
