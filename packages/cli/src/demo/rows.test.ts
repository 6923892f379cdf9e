import { mail } from '@weft/corpora'
import { expect, test } from 'vitest'
import { balanced, demoRows, jsonLines, part } from './rows.ts'

test('a classifier learns from as many mails of each kind', () => {
  const rows = balanced(mail(), 20)
  expect(rows.filter(({ label }) => label === 'spam').length).toBe(20)
  expect(rows.filter(({ label }) => label === 'ham').length).toBe(20)
})

test('mails are learned whole, by their subjects, and by single sentences', () => {
  const text = 'Subject: Minutes of Monday\n\nThe minutes are attached. Please read them until Friday.\nThank you.'
  expect([0, 1, 2, 3, 4].map((i) => part(text, i))).toEqual([text, 'Please read them until Friday.', 'The minutes are attached.', 'Minutes of Monday', text])
  expect(part('Subject: \n\nHi', 1)).toBe('Hi')
})

test('nothing that is measured on is in a training file', () => {
  for (const make of Object.values(demoRows)) {
    const { training, heldOut } = make()
    const learned = new Set(training.map(({ text }) => text))
    expect(heldOut.length).toBeGreaterThanOrEqual(60)
    expect(heldOut.filter(({ text }) => learned.has(text))).toEqual([])
  }
  const rows = demoRows.mail().training
  expect(
    jsonLines(rows.slice(0, 2))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toEqual(rows.slice(0, 2))
})
