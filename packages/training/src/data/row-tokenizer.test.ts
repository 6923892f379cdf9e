import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedModel } from '@weft/model'
import { createChat } from '@weft/model/tokenizer/chat'
import { expect, test } from 'vitest'
import { rowTokenizer } from './row-tokenizer.ts'

test('a chat is learned with all that is said in it, as it is asked', () => {
  const template = readFileSync(join(import.meta.dirname, '../../../../test/golden/chat/templates/phi-3.jinja'), 'utf8')
  const tokenizer = { encode: () => [], stream: () => ({}), eosTokenIds: [0] }
  const { renderChat } = rowTokenizer({ tokenizer, chat: createChat(template), name: 'phi' } as unknown as LoadedModel)
  const { text, assistantSpans } = renderChat!([
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'Weather?' },
    { role: 'assistant', content: 'weather()' },
    { role: 'tool', content: 'rain' },
    { role: 'assistant', content: 'Take a coat.' },
  ])
  expect(text).toContain('<|system|>\nBe brief.')
  expect(text).toContain('<|user|>\nrain')
  expect(assistantSpans.map(({ start, end }) => text.slice(start, end))).toEqual([
    expect.stringContaining('weather()'),
    expect.stringContaining('Take a coat.'),
  ])
})
