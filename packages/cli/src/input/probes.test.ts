import { expect, test } from 'vitest'
import { probesOf } from './probes.ts'

test('rows say what is asked, and plain lines are asked as they are', () => {
  expect(probesOf('{"text": "a", "label": "x"}\n\n{"prompt": "b", "completion": "c"}\n"d"\nplain {line}\n[1]\n7')).toEqual([
    { prompt: 'a' },
    { prompt: 'b', completion: 'c' },
    { prompt: 'd' },
    { prompt: 'plain {line}' },
    { prompt: '[1]' },
    { prompt: '7' },
  ])
})

test('a line ends as it does on Windows too', () => {
  expect(probesOf('plain line\r\n\r\n{"text": "a"}\r\n"b\\r"\r\nlast\r\n')).toEqual(['plain line', 'a', 'b\r', 'last'].map((prompt) => ({ prompt })))
})

test.each([
  ['{"text": "a"}\n{"txt": "b"}', 'Line 2 is an object without a text or a prompt: it has "txt".'],
  ['{}', 'Line 1 is an object without a text or a prompt.'],
  ['{"text": 7}', 'it has "text".'],
  ['{"prompt": "a", "text": "b"}', 'Line 1 has a "prompt" and a "text", of which one is asked.'],
  ['{"prompt": "a", "completion": 7}', 'Line 1 has a "completion" that is no text.'],
  ['{"text": "a", "text": "b"}', 'Line 1 of the inputs cannot be read as JSON: the key "text" stands twice'],
])('an object that says nothing is refused, and not read as a line: %s', (content, message) => {
  expect(() => probesOf(content)).toThrow(message)
})
