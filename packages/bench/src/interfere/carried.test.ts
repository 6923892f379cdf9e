import { loadModel } from '@weft/model'
import { createChat } from '@weft/model/tokenizer/chat'
import { expect, test } from 'vitest'
import { inputsCarried } from './carried.ts'

const model = await loadModel('@weft/base-model')

test('carried probes are asked as they would be: a frame behind its question, the end of a long prompt, the beginning of a long text', () => {
  expect(
    inputsCarried(
      [
        { prompt: 'Where from?', opening: ' {"source": "' },
        { prompt: `${'x'.repeat(2000)} what is it?` },
        { text: `Call me Ishmael${'.'.repeat(2000)}` },
        { tokens: ['The', 'sea'] },
      ],
      model,
    ).map(({ prompt, isText = false }) => [prompt.slice(0, 8), prompt.slice(-9), prompt.length, isText]),
  ).toEqual([
    ['Where fr', 'ource": "', 24, false],
    ['xxxxxxxx', 'at is it?', 1000, false],
    ['Call me ', '.........', 1000, true],
    ['The sea', 'The sea', 7, true],
  ])
})

test('of many, 32 are tried, evenly spaced', () => {
  const carried = Array.from({ length: 64 }, (_, i) => ({ prompt: `${i}` }))
  const tried = inputsCarried(carried, model)
  expect(tried).toHaveLength(32)
  expect(tried.slice(0, 3).map(({ prompt }) => prompt)).toEqual(['0', '2', '4'])
})

test("a chat has the model's own form, up to where its answer begins", () => {
  const [{ prompt, begun }] = inputsCarried([{ messages: [{ role: 'user', content: 'Hi' }], opening: 'Well, ' }], model)
  expect(prompt).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nWell, ')
  expect(begun).toBe(true)
  const [cut] = inputsCarried([{ messages: [{ role: 'user', content: 'Hi '.repeat(1000) }] }], model)
  expect(cut).toEqual({ prompt: expect.stringMatching(/^.{1000}$/s) })
})

test('a chat with calls, which probes tell as text, is asked also of a template in which user and assistant take turns', () => {
  const template =
    "{% for m in messages %}{% if (m.role == 'user') != loop.index0 is divisibleby(2) %}{{ raise_exception('Roles must alternate') }}{% endif %}<{{ m.role }}>{{ m.content }}{% endfor %}<a>"
  const messages = [
    { role: 'user', content: 'How is it?' },
    { role: 'assistant', content: '{"name": "now", "arguments": {}}' },
    { role: 'tool', content: 'rain' },
    { role: 'assistant', content: '{"name": "now", "arguments": {}}' },
    { role: 'assistant', content: 'So.' },
  ]
  expect(inputsCarried([{ messages: [...messages, { role: 'user', content: 'And now?' }] }], { chat: createChat(template) })).toEqual([
    {
      prompt: '<user>How is it?<assistant>{"name": "now", "arguments": {}}<user>rain<assistant>{"name": "now", "arguments": {}}\n\nSo.<user>And now?<a>',
      begun: true,
    },
  ])
})
