import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createChat } from '@weft/model/tokenizer/chat'
import { expect, test } from 'vitest'
import { abilitiesOf, chatPrompt } from './chat-prompt.ts'

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
  expect(abilitiesOf(qwen)).toEqual({ tools: true, tags: true })
  const text = chatPrompt(qwen, { messages, tools })
  expect(text).toContain('"description": "Of a city"')
  expect(text).toContain('<tool_call>\n{"name": "weather", "arguments": {"city": "Bern"}}\n</tool_call>')
  expect(text).toContain('<tool_response>\nrain\n</tool_response>')
})

test.each(['chatml.jinja', null])('where none does, they stand in a system message, and calls in the turns that made them: %s', (name) => {
  const chat = name === null ? createChat(null) : template(name)
  expect(abilitiesOf(chat)).toEqual({ tools: false, tags: false })
  const text = chatPrompt(chat, { messages: [{ role: 'system', content: 'Be brief.' }, ...messages], tools })
  expect(text).toContain('Be brief.\n\nFunctions')
  expect(text).toContain(JSON.stringify(tools[0]))
  expect(text).toContain('{"name": "weather", "arguments": {"city": "Bern"}}')
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
