import { mail, split, whale } from '@weft/corpora'
import { expect, test } from 'vitest'
import { balanced, CHARACTERS, excerpt, jsonLines, passages, spread, trainingRows } from './rows.ts'

test('passages keep the text, end at sentences, and have about one length', () => {
  const [chapter] = whale()
  const found = passages([chapter])
  expect(chapter.text.replace(/\s+/g, ' ').startsWith(found.join(' '))).toBe(true)
  for (const one of found) {
    expect(one.length).toBeLessThanOrEqual(CHARACTERS)
    expect(one.length).toBeGreaterThan(CHARACTERS / 3)
  }
  expect(found.slice(0, -1).filter((one) => one.endsWith('.')).length).toBeGreaterThan(found.length / 2)
})

test('spread takes evenly and never more than there is', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7], 4)).toEqual([0, 2, 4, 6])
  expect(spread([1, 2], 5)).toEqual([1, 2])
})

test('a classifier learns from as many mails of each kind', () => {
  const rows = balanced(mail(), 20)
  expect(rows.filter(({ label }) => label === 'spam').length).toBe(20)
  expect(rows.filter(({ label }) => label === 'ham').length).toBe(20)
})

test('nothing that is held out is in a training file', () => {
  const rows = trainingRows.mail() as { text: string }[]
  const texts = new Set(rows.map(({ text }) => text))
  expect(
    split(mail())
      .heldOut.filter(({ text }) => texts.has(excerpt(text)))
      .map(({ id }) => id),
  ).toEqual([])
  const held = passages(split(whale()).heldOut)
  const learned = new Set((trainingRows.whale() as { text: string }[]).map(({ text }) => text))
  expect(held.filter((one) => learned.has(one))).toEqual([])
  expect(
    jsonLines(rows.slice(0, 2))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toEqual(rows.slice(0, 2))
})
