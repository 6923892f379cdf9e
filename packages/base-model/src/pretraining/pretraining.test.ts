import { expect, test } from 'vitest'
import { mixture } from '../mixture.ts'
import { asDialogue } from './dialogue.ts'
import { drawsOf } from './draws.ts'
import { tokenStream } from './stream.ts'
import { windowAt } from './windows.ts'

test('any hundred rows hold the mixture, and every corpus is counted through', () => {
  const draw = drawsOf(mixture)
  const rows = Array.from({ length: 300 }, (_, row) => draw(row))
  for (const [corpus, share] of Object.entries(mixture)) {
    const own = rows.filter((row) => row.corpus === corpus)
    expect(own.length).toBe(Math.round(300 * share))
    expect(own.map(({ index }) => index)).toEqual(own.map((_, i) => i))
  }
})

test('one pass shows every window once, the next one others', () => {
  const stream = Uint16Array.from({ length: 1000 }, (_, i) => i)
  const starts = Array.from({ length: 18 }, (_, i) => windowAt(stream, 50, i, 'seed')[0])
  expect(new Set(starts).size).toBe(18)
  expect(new Set(starts.map((start) => start % 50)).size).toBe(1)
  expect(windowAt(stream, 50, 18 + 1, 'seed')).not.toEqual(windowAt(stream, 50, 1, 'seed'))
  for (let i = 0; i < 200; i++) expect(windowAt(stream, 50, i, 'other').length).toBe(50)
})

test('documents are closed, a dialogue is as long as its window', () => {
  const stream = tokenStream(
    [
      { id: 'a', text: 'xx' },
      { id: 'b', text: 'y' },
    ],
    (text) => [...text].map((c) => c.charCodeAt(0)),
  )
  expect([...stream]).toEqual([120, 120, 0, 121, 0])
  const window = Uint16Array.from({ length: 20 }, (_, i) => 100 + i)
  const told = asDialogue(window, 5, { before: [2, 7], between: [3, 8, 2, 9], after: [3] })
  expect([...told]).toEqual([2, 7, 100, 101, 102, 103, 104, 3, 8, 2, 9, 105, 106, 107, 108, 109, 110, 111, 112, 3])
})
