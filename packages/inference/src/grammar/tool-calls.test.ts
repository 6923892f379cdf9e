import { expect, test } from 'vitest'
import { DEAD } from './automaton/automaton.ts'
import { automatonOf } from './grammar.ts'

const functions = [{ name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }, { name: 'clock' }]

const outcome = (optional: boolean, text: string, single = false): 'dead' | 'open' | 'complete' => {
  const automaton = automatonOf({ type: 'tool_calls', functions, optional, single })
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
  expect(outcome(true, 'It rains.', true)).toBe('complete')
  expect(outcome(true, one, true)).toBe('complete')
  expect(outcome(true, `${one}\n<tool`, true)).toBe('dead')
})
