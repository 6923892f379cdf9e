import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedModel } from '@weft/model'
import { createChat } from '@weft/model/tokenizer/chat'
import { expect, test } from 'vitest'
import { rowTokenizer } from './row-tokenizer.ts'

const rendering = (name: string) => {
  const template = readFileSync(join(import.meta.dirname, '../../../../test/golden/chat/templates', `${name}.jinja`), 'utf8')
  const tokenizer = { encode: () => [], stream: () => ({}), eosTokenIds: [0] }
  return rowTokenizer({ tokenizer, chat: createChat(template, { bos_token: '<s>', eos_token: '</s>' }), name } as unknown as LoadedModel).renderChat!
}

test.each(['llama-2', 'deepseek'])('instructions that a template would leave out are learned where they are asked, and turns keep their places: %s', (name) => {
  const { text, assistantSpans } = rendering(name)([
    { role: 'system', content: 'Be brief.' },
    { role: 'system', content: 'Speak French.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Oui?' },
    { role: 'system', content: 'Speak German.' },
    { role: 'user', content: 'Why?' },
    { role: 'assistant', content: 'Darum.' },
  ])
  expect(text).toMatch(/Be brief\.\n\nSpeak French\.[^]*Hi[^]*Oui\?[^]*Speak German\.\n\nWhy\?[^]*Darum\./)
  expect(assistantSpans.map(({ start, end, message }) => [message, text.slice(start, end)])).toEqual([
    [3, expect.stringContaining('Oui?')],
    [6, expect.stringContaining('Darum.')],
  ])
})

test('Mistral shows no system message in front of an answered chat: it is learned as it is asked', () => {
  const { text } = rendering('mistral')([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Yes?' },
  ])
  expect(text).toBe('<s>[INST] Be brief.\n\nHi[/INST] Yes?</s>')
})

test('a chat is learned with all that is said in it, as it is asked', () => {
  const { text, assistantSpans } = rendering('phi-3')([
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
