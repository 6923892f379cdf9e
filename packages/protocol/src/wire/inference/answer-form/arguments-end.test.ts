import { expect, test } from 'vitest'
import { ArgumentsEnd } from './arguments-end.ts'
import { markAtEnd } from './mark-at-end.ts'

test('arguments end with the bracket that closes the first, however their text is cut', () => {
  const object = '{"a": "}\\"]", "b": [{"c": "\\\\"}], "d": {}}'
  for (let cut = 0; cut <= object.length; cut++) {
    const end = new ArgumentsEnd()
    const first = object.slice(0, cut)
    expect(end.read(first)).toBe(first.length)
    expect([end.begun, end.ended]).toEqual([cut > 0, cut === object.length])
    if (cut < object.length) expect(end.read(`${object.slice(cut)}} behind`)).toBe(object.length - cut)
    expect(end.ended).toBe(true)
  }
})

test('a mark may have begun at the end of a text, and is not told of where it stands whole', () => {
  expect(['so <tool', '<', 'so <tool_call>', 'so', ''].map((text) => markAtEnd(text, '<tool_call>'))).toEqual([5, 1, 0, 0, 0])
})
