import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chatTurns, shownTurns } from '@weft/inference/chat/chat-prompt'
import { createChat } from '@weft/model/tokenizer/chat'
import type { ToolFunction } from '@weft/protocol'
import { expect, test } from 'vitest'
import { type Render, referenceTexts } from './reference-text.ts'

const render = (messages: readonly { role: string; content: string }[]): string => messages.map(({ role, content }) => `<${role}>${content}`).join('')
const lines = (rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')

test('rows of any kind are text: answers with their prompts, chats as the model is asked', async () => {
  expect(await referenceTexts(lines([{ prompt: 'What? ', completion: [{ text: 'Th', weight: 3 }, { text: 'at.' }] }]), render)).toEqual([
    { before: 'What? ', text: 'That.' },
  ])
  expect(await referenceTexts(lines([{ text: 'a mail', label: 'ham' }]), render)).toEqual([{ before: '', text: 'a mail' }])
  expect(
    await referenceTexts(
      lines([
        {
          messages: [
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content: 'Ho' },
          ],
        },
      ]),
      render,
    ),
  ).toEqual([{ before: '', text: '<user>Hi<assistant>Ho', begun: true }])
})

test('chats with functions differ where they begin: the functions of all of them would be all that a batch has room for', async () => {
  const chat = createChat(readFileSync(join(import.meta.dirname, '../../../../test/golden/chat/templates/qwen3.jinja'), 'utf8'))
  const tools = Array.from({ length: 8 }, (_, i) => ({ type: 'function', function: { name: `f${i}`, description: 'What it does. '.repeat(20) } }))
  const call = { type: 'function', function: { name: 'f0', arguments: {} } }
  const rows = ['Bern?', 'Thun?'].map((content) => ({
    messages: [
      { role: 'user', content },
      { role: 'assistant', tool_calls: [call] },
    ],
    tools,
  }))
  const rendered = (messages: Parameters<Render>[0], addGenerationPrompt: boolean, functions?: readonly ToolFunction[]): string => {
    const { turns, options } = shownTurns(chat, chatTurns(chat, messages), functions, addGenerationPrompt)
    return chat.render(turns, options)
  }
  const texts = (await referenceTexts(lines(rows), rendered)).map(({ text }) => text)
  expect(texts).toEqual([expect.stringMatching(/^<\|im_start\|>user\nBern\?/), expect.stringMatching(/^<\|im_start\|>user\nThun\?/)])
  for (const text of texts) expect(text).toContain('<tool_call>\n{"name": "f0", "arguments": {}}')
})

test('of a long file some are taken, from its beginning to its end', async () => {
  const texts = (await referenceTexts(lines(Array.from({ length: 4096 }, (_, i) => ({ text: `${i} ${'long '.repeat(400)}` }))), render)).map(({ text }) => text)
  expect(texts).toHaveLength(1024)
  expect(texts.every(({ length }) => length <= 1000)).toBe(true)
  expect([texts[0].slice(0, 2), texts[1023].slice(0, 5)]).toEqual(['0 ', '4092 '])
})

test('without a file, passages of all bundled corpora', async () => {
  const texts = (await referenceTexts(undefined, render)).map(({ text }) => text)
  expect(texts).toHaveLength(3 * 96)
  expect(texts.every((text) => text.length > 20 && text.length <= 280)).toBe(true)
  expect(new Set(texts).size).toBeGreaterThan(250)
})
