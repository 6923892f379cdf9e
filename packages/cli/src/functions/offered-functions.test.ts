import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askedAs, offeredFunctions } from './offered-functions.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-offered-'))
const file = (text: string): string => {
  const path = join(scratch, 'tools.json')
  writeFileSync(path, text)
  return path
}
const tools = [{ type: 'function', function: { name: 'track', parameters: { type: 'object', properties: { parcel: { type: 'integer' } } } } }]
const others = [{ type: 'function', function: { name: 'now' } }]
const messages = [{ role: 'assistant', content: 'a' }]
const rows = (...all: object[]): string => all.map((row) => JSON.stringify(row)).join('\n')

test.each([
  ['a list', JSON.stringify(tools, null, 2)],
  ['what has a list', JSON.stringify({ tools })],
  ['a training file, whose first row with some counts', rows({ messages }, { messages, tools: [] }, { messages, tools }, { messages, tools: others })],
])('functions are offered by %s', (_, text) => {
  expect(offeredFunctions(file(text))).toEqual(tools)
})

test.each([
  ['an empty list', '[]'],
  ['bare functions', JSON.stringify(tools.map((tool) => tool.function))],
  ['rows without any', rows({ messages }, { messages })],
  ['what is no JSON', '[{"type": '],
  ['nothing', ''],
])('no functions are offered by %s, which is said with what is expected', (_, text) => {
  const path = file(text)
  expect(() => offeredFunctions(path)).toThrow(expect.objectContaining({ code: 'tools_malformed', exitCode: 2 }))
  expect(() => offeredFunctions(path)).toThrow(/tools\.json offers no functions.*expected a JSON list of \{"type": "function"/)
})

test('rows are asked as what they are', () => {
  const of = (text: string) => askedAs(new TextEncoder().encode(text))
  expect(of(rows({ messages }, { messages, tools }))).toBe('functions')
  expect(of(`\n${rows({ messages }, { messages })}`)).toBe('chat')
  expect(of(rows({ messages, tools: [] }))).toBe('chat')
  expect(of(rows({ text: '"messages" and "tools"' }))).toBe('other')
  expect(of('no row')).toBe('other')
})
