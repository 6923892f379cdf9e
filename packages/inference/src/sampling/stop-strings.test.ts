import { expect, test } from 'vitest'
import { createStopWatch } from './stop-strings.ts'

/** What a reader sees of each piece, and at the end. */
function watch(stops: string[], pieces: string[]) {
  const stop = createStopWatch(stops)
  const seen: string[] = []
  for (const piece of pieces) {
    const { text, stopped } = stop.push(piece)
    seen.push(text)
    if (stopped) return { seen, text: seen.join(''), stopped }
  }
  return { seen, text: seen.join('') + stop.flush(), stopped: false }
}

test('a stop string across pieces ends the text, and no part of it is shown', () => {
  expect(watch(['\nUser:'], ['Hello', '\n', 'Us', 'er: hi'])).toEqual({ seen: ['Hello', '', '', ''], text: 'Hello', stopped: true })
})

test('what only began like one is shown as soon as it cannot become one', () => {
  expect(watch(['END'], ['a E', 'N', 'x'])).toEqual({ seen: ['a ', '', 'ENx'], text: 'a ENx', stopped: false })
})

test('what was held back at the end is flushed', () => expect(watch(['END'], ['the EN'])).toEqual({ seen: ['the '], text: 'the EN', stopped: false }))

test('the earliest of several ends the text, whatever their order', () => {
  expect(watch(['two', 'one'], ['zero one two']).text).toBe('zero ')
  expect(watch(['bc', 'abcd'], ['xabcdx']).text).toBe('xa')
})

test('a failed beginning may hide a true one', () => expect(watch(['aab'], ['a', 'a', 'a', 'b', 'c']).text).toBe('a'))

test('without stop strings nothing is held back, and an empty one does not count', () => {
  expect(watch([], ['a', 'b']).seen).toEqual(['a', 'b'])
  expect(watch([''], ['a', 'b']).stopped).toBe(false)
})

test('every way of cutting a text shows the same', () => {
  const text = 'abab-abc-ababc!',
    stops = ['abc!', 'c-ab-']
  for (let cuts = 0; cuts < 1 << 8; cuts++) {
    const pieces: string[] = []
    let from = 0
    for (let at = 1; at < text.length; at++) if (cuts & (1 << (at % 8))) pieces.push(text.slice(from, (from = at)))
    expect(watch(stops, [...pieces, text.slice(from)]).text).toBe('abab-abc-abab'.slice(0, text.indexOf('abc!')))
  }
})
