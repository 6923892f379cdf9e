import { expect, test } from 'vitest'
import { jsonFault } from './json-fault.ts'

const fault = (text: string): string | undefined => jsonFault(text, JSON.parse(text))

test('a key that an object has twice is a fault, however it is spelled and however deep; in two objects, or as a value, it is none', () => {
  for (const text of ['{"a":1,"a":1}', '{"b":[{"a":1},{"c":{"a":1, "\\u0061" :2}}]}']) expect(fault(text), text).toContain('the key "a" stands twice')
  for (const text of ['{"a":"a","b":"a"}', '[{"a":1},{"a":2}]', '{"a":{"a":{"a":[]}}}', '["a","a"]', '{"a":"\\"a\\":1"}', '7', '""'])
    expect(fault(text), text).toBeUndefined()
})

test('half a character is a fault', () => {
  expect(fault('{"a":"\\ud800"}')).toMatch(/surrogate|half/i)
})
