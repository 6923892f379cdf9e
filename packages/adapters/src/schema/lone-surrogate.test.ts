import { expect, test } from 'vitest'
import { loneSurrogateAt } from './lone-surrogate.ts'

const at = (text: string): string | undefined => loneSurrogateAt(text, JSON.parse(text))

test.each([
  [String.raw`"\ud83d"`, 'the value'],
  [String.raw`{"model": "base", "prompt": "so \ud83d"}`, 'prompt'],
  [String.raw`{"messages": [{"content": "\ud83d\ude00"}, {"content": [{"text": "\ude00\ud83d"}]}]}`, 'messages[1].content[0].text'],
  [String.raw`{"metadata": {"\uDC00": 1}}`, 'a name in metadata'],
])('%s holds a lone surrogate at %s', (text, place) => {
  expect(at(text)).toBe(place)
})

test.each([String.raw`"\ud83d\ude00"`, '"😀"', String.raw`{"text": "\\ud83d"}`, String.raw`{"a": [1, null, true, "\u00e9"]}`])('%s holds none', (text) => {
  expect(at(text)).toBeUndefined()
})

test('it is found however deep', () => {
  const levels = 200_000
  expect(at(`${'['.repeat(levels)}${String.raw`"\udc00"`}${']'.repeat(levels)}`)).toHaveLength(3 * levels)
})
