import { expect, test } from 'vitest'
import { ours } from '../../chat/call-form.ts'
import { DEAD } from '../automaton/automaton.ts'
import { automatonOf } from '../grammar.ts'
import type { ToolCalls } from './tool-calls.ts'

const functions = [{ name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }, { name: 'clock' }]

const outcome = (optional: boolean, text: string, rest: Partial<ToolCalls> = {}): 'dead' | 'open' | 'complete' => {
  const automaton = automatonOf({ type: 'tool_calls', functions, optional, ...rest })
  let state = automaton.start
  for (const byte of new TextEncoder().encode(text)) state = automaton.next(state, byte)
  return state === DEAD ? 'dead' : automaton.isComplete(state) ? 'complete' : 'open'
}

const call = '{"name": "weather", "arguments": {"city": "Bern"}}'

test('a call that has to be made is all that there is', () => {
  expect(outcome(false, call)).toBe('complete')
  expect(outcome(false, '{"name": "clock", "arguments": {}}')).toBe('complete')
  for (const text of ['Hi', '{"name": "rain"', '{"name": "clock", "arguments": {"city"', `${call}\n`, '{"name":"clock"'])
    expect(outcome(false, text)).toBe('dead')
})

test('where calling is a choice, any text is one, and a tag begins a call', () => {
  for (const text of [
    '',
    'Any <b>text</b> {"name": 1}',
    'a <tool_cal or <<tool_call',
    `<tool_call>\n${call}\n</tool_call>`,
    `It rains.\n<tool_call>${call}</tool_call>\n<tool_call>\n${call}\n</tool_call>`,
  ])
    expect([text, outcome(true, text)]).toEqual([text, 'complete'])
  for (const text of ['<tool_call>', `<tool_call>\n${call}`, `<<tool_call>${call}\n</tool_`]) expect([text, outcome(true, text)]).toEqual([text, 'open'])
  for (const text of ['<tool_call>Hi', `<tool_call>\n${call}\n</tool_call> Hi`, '<tool_call>\n{"name": "rain"'])
    expect([text, outcome(true, text)]).toEqual([text, 'dead'])
})

test('where one call is the most, none follows it', () => {
  const one = `It rains.\n<tool_call>\n${call}\n</tool_call>`
  expect(outcome(true, 'It rains.', { single: true })).toBe('complete')
  expect(outcome(true, one, { single: true })).toBe('complete')
  expect(outcome(true, `${one}\n<tool`, { single: true })).toBe('dead')
})

test('where text has a form, it is that, or calls stand in its place', () => {
  const rest = { text: { type: 'json_schema' as const, schema: { enum: ['yes', '<tool_call>'] } } }
  const tagged = `<tool_call>\n${call}\n</tool_call>`
  for (const text of ['"yes"', '"<tool_call>"', tagged, `${tagged}\n${tagged}`]) expect([text, outcome(true, text, rest)]).toEqual([text, 'complete'])
  for (const text of ['yes', `"yes"${tagged}`, `Hi ${tagged}`]) expect([text, outcome(true, text, rest)]).toEqual([text, 'dead'])
  expect(outcome(true, `${tagged}\n<`, { ...rest, single: true })).toBe('dead')
  expect(() => outcome(true, '', { text: { type: 'json_schema', schema: { not: {} } } })).toThrow(
    expect.objectContaining({ code: 'unsupported_schema', param: 'grammar.text' }),
  )
})

test('arguments keep to all of a strict schema, and to what a grammar can say of another', () => {
  const parameters = { type: 'object', properties: { n: { type: 'integer', multipleOf: 101 } }, required: ['n'], additionalProperties: false }
  const of = (strict: boolean | null | undefined, n: string) =>
    outcome(false, `{"name": "f", "arguments": {"n": ${n}}}`, { functions: [{ name: 'f', parameters, ...(strict !== undefined && { strict }) }] })
  for (const strict of [undefined, null, false]) expect([of(strict, '3'), of(strict, '"x"')]).toEqual(['complete', 'dead'])
  expect(() => of(true, '101')).toThrow(expect.objectContaining({ code: 'unsupported_schema', details: { path: '#/properties/n/multipleOf', function: 'f' } }))
})

test('a call that is all of an answer stands in place of any text, and no text begins as one', () => {
  const form = { ...ours, mark: '', opening: '', between: '", "parameters": ', next: null, close: '' }
  const bern = '{"name": "weather", "parameters": {"city": "Bern"}}'
  for (const text of ['', 'It rains.', '{"name": "rain", "parameters": {}}', '{"name": "weather", "arguments": {}}', ` ${bern}`, bern, '{"name": "wea'])
    expect([text, outcome(true, text, { form })]).toEqual([text, 'complete'])
  expect(outcome(true, '{"name": "weather", "parameters": {"ci', { form })).toBe('open')
  // What is told of a call begins with a tag, which text may not have then.
  for (const text of ['Hermes writes <tool_cal', 'Hermes writes <tool_call']) expect(outcome(true, text, { form })).toBe('complete')
  for (const text of ['<tool_call>', 'Hermes writes <tool_call> around', `{"a": "<tool_call>${call}`]) expect(outcome(true, text, { form })).toBe('dead')
  for (const text of ['{"name": "weather", "parameters": {"town"', '{"name": "clock", "parameters": none', `${bern} `, `${bern}\n${bern}`])
    expect([text, outcome(true, text, { form })]).toEqual([text, 'dead'])
  expect(outcome(false, bern, { form })).toBe('complete')
  expect(outcome(false, call, { form })).toBe('dead')
  const text = { type: 'json_schema' as const, schema: { type: 'object', properties: { name: { enum: ['weather', 'x'] } }, required: ['name'] } }
  expect(outcome(true, '{"name": "weather"}', { form, text })).toBe('complete')
  expect(outcome(true, bern, { form, text })).toBe('complete')
  expect(outcome(true, 'It rains.', { form, text })).toBe('dead')
  // Not even where the form of text would have it.
  for (const behind of ['{"town": "Bern"}', '[1]', '{"city": "Bern"}, "more": 1'])
    expect([behind, outcome(true, `{"name": "weather", "parameters": ${behind}}`, { form, text: { type: 'json_object' } })]).toEqual([behind, 'dead'])
  for (const said of ['{"name": "weather"}', '{"name": "rain", "parameters": [1]}', bern])
    expect([said, outcome(true, said, { form, text: { type: 'json_object' } })]).toEqual([said, 'complete'])
})
