import type { GenerateEnd, GenerateToken } from '@weft/protocol'
import { expect, test } from 'vitest'
import type { ToolCalls } from '../grammar/functions/tool-calls.ts'
import { ours } from './call-form.ts'
import { readableCalls } from './readable-calls.ts'

const calls = {
  type: 'tool_calls' as const,
  functions: [{ name: 'rain' }, { name: 'rain_at' }],
  form: { ...ours, mark: '', opening: '', between: '", "parameters": ', next: null, close: '' },
}
const end: GenerateEnd = { finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 1, totalTokens: 2 }, notInvoked: [] }

async function read(text: string, size: number, asked: ToolCalls) {
  const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
  async function* events(): AsyncGenerator<GenerateToken | GenerateEnd> {
    for (const [token, piece] of pieces.entries()) yield { token, text: piece }
    yield end
  }
  const told: (GenerateToken | GenerateEnd)[] = []
  for await (const event of readableCalls(events(), asked)) told.push(event)
  expect(told.pop()).toBe(end)
  const tokens = told as GenerateToken[]
  expect(tokens.map(({ token }) => token)).toEqual(pieces.map((_, token) => token))
  return tokens.map((token) => token.text).join('')
}

test.each([1, 3, 7, 100])('a call is told as other templates have it, with all of its tokens, in pieces of %i', async (size) => {
  const written = '{"name": "rain_at", "parameters": {"place": "Bern"}}'
  expect(await read(written, size, { ...calls, optional: true })).toBe('<tool_call>{"name": "rain_at", "arguments": {"place": "Bern"}}')
  expect(await read(written, size, { ...calls, optional: false })).toBe('{"name": "rain_at", "arguments": {"place": "Bern"}}')
})

test.each([1, 3, 7, 100])('any other answer is as it was, also one that ends as a call might begin, in pieces of %i', async (size) => {
  for (const text of [
    '',
    'It rains.',
    '{"name": "rai',
    '{"name": "rain", "parameters": ',
    '{"name": "snow", "parameters": {}}',
    ' {"name": "rain", "parameters": {}}',
  ]) {
    const told = await read(text, size, { ...calls, optional: true })
    expect(told).toBe(text === '{"name": "rain", "parameters": ' ? '<tool_call>{"name": "rain", "arguments": ' : text)
  }
})
