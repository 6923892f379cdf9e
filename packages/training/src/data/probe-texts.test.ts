import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chatPrompt } from '@weft/inference/chat/chat-prompt'
import { createChat } from '@weft/model/tokenizer/chat'
import { type Message, probesOfRows, readRow } from '@weft/protocol'
import { expect, test } from 'vitest'
import { probeTexts } from './probe-texts.ts'

const lines = (rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const render = (messages: readonly { role: string; content: string }[], prompts: boolean): string =>
  messages.map(({ role, content }) => `<${role}>${content}`).join('') + (prompts ? '<assistant>' : '')

test('a question counts as a text, and where its answer would begin', () => {
  expect(probeTexts(lines([{ prompt: 'Where from?', opening: ' {"source": "' }]), render)).toEqual([
    { before: 'Where from?', text: ' {"source": "', answered: true },
    { before: '', text: 'Where from?' },
  ])
})

test('a chat is asked as a request asks it; a text and tokens are read', () => {
  expect(probeTexts(lines([{ messages: [{ role: 'user', content: 'Hello' }] }]), render)[0]).toEqual({
    before: '<user>Hello<assistant>',
    text: '',
    answered: true,
    begun: true,
  })
  expect(probeTexts(lines([{ text: 'a text' }, { tokens: ['to', 'Rome'] }]), render)).toEqual([
    { before: '', text: 'a text' },
    { before: '', text: 'to Rome' },
  ])
})

test('in a stack that is settled every token of an answer counts, and no question is read as a text', () => {
  const messages = [{ role: 'user', content: 'Hello' }]
  expect(
    probeTexts(lines([{ prompt: 'Where from?', answer: ' mail' }, { messages, answer: 'Hi.' }, { prompt: 'Which?' }, { text: 'a text' }]), render, {
      settled: true,
    }),
  ).toEqual([
    { before: 'Where from?', text: ' mail', answered: true },
    { before: '<user>Hello<assistant>', text: 'Hi.', answered: true, begun: true },
    { before: 'Which?', text: '', answered: true },
    { before: '', text: 'a text' },
  ])
})

test('calls that a row makes one after another are asked of a template in which user and assistant take turns, too', () => {
  const call = (id: string) => ({ role: 'assistant', content: null, tool_calls: [{ id, function: { name: 'now', arguments: {} } }] })
  const gave = (id: string) => ({ role: 'tool', content: `of ${id}`, tool_call_id: id })
  const messages = [{ role: 'user', content: 'When?' }, call('call00001'), gave('call00001'), call('call00002'), gave('call00002')]
  const row = readRow(JSON.stringify({ messages: [...messages, { role: 'assistant', content: 'Now.' }] }), 1)
  const template = readFileSync(join(import.meta.dirname, '../../../../test/golden/chat/templates/mistral.jinja'), 'utf8')
  const chat = createChat(template, { bos_token: '<s>', eos_token: '</s>' })
  const [question] = probeTexts(lines(probesOfRows([row])), (asked) => chatPrompt(chat, { messages: asked as Message[] }))
  const written = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
  expect(question!.before).toBe(`<s>[INST] When?[/INST] ${written}</s>[INST] of call00001[/INST] ${written}</s>[INST] of call00002[/INST]`)
})
