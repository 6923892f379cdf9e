import { expect, test } from 'vitest'
import { createChat } from './chat.ts'

const template =
  "{% for message in messages %}{{ bos_token + message['role'] + ': ' + message['content'] + eos_token + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"

test("renders the model's own template with its special tokens", () => {
  const chat = createChat(template, { bos_token: '<s>', eos_token: '</s>' })
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
  ]
  expect(chat.render(messages)).toBe('<s>system: Be brief.</s>\n<s>user: Hi</s>\nassistant: ')
  expect(chat.render(messages, { addGenerationPrompt: false })).toBe('<s>system: Be brief.</s>\n<s>user: Hi</s>\n')
})

test("a template's own objection reaches the caller", () => {
  const strict = createChat("{% if messages[0]['role'] != 'user' %}{{ raise_exception('the first turn must be the user\\'s') }}{% endif %}")
  expect(() => strict.render([{ role: 'assistant', content: 'x' }])).toThrowError(
    expect.objectContaining({ code: 'invalid_chat', message: expect.stringContaining('first turn') }),
  )
  expect(() => createChat('{% for %}')).toThrowError(expect.objectContaining({ code: 'invalid_chat' }))
})

test('a model without a template gets turns under their roles', () => {
  const chat = createChat(null)
  expect(chat.template).toBeNull()
  expect(
    chat.render([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ]),
  ).toBe('Be brief.\nUser: Hi\nAssistant:')
})
