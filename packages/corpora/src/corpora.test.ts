import { expect, test } from 'vitest'
import { corpora, mail, speeches, split, whale } from './index.ts'

const whole = { speech: speeches(), whale: whale(), mail: mail() }

test('every corpus is whole', () => {
  expect(whole.speech.length).toBe(233)
  expect(whole.whale.length).toBe(136) // 135 chapters and the epilogue
  expect(whole.whale[0].text).toContain('Call me Ishmael.')
  expect(whole.mail.length).toBeGreaterThan(5000)
  for (const documents of Object.values(whole)) for (const { text } of documents) expect(text.length).toBeGreaterThan(20)
})

test.each(Object.entries(corpora))('%s: the parts are disjoint, complete and 10 to 15 % apart', (_, read) => {
  const documents = read()
  const { train, heldOut } = split(documents)
  expect(train.length + heldOut.length).toBe(documents.length)
  expect(new Set([...train, ...heldOut].map(({ id }) => id)).size).toBe(documents.length)
  const share = heldOut.length / documents.length
  expect(share).toBeGreaterThan(0.1)
  expect(share).toBeLessThan(0.15)
  const texts = new Set(train.map(({ text }) => text))
  expect(heldOut.filter(({ text }) => texts.has(text))).toEqual([])
})

test('no thread is cut', () => {
  const { train, heldOut } = split(whole.mail)
  const threads = new Set(train.map(({ thread }) => thread))
  expect(heldOut.filter(({ thread }) => thread !== undefined && threads.has(thread)).map(({ id }) => id)).toEqual([])
})

test('a split does not depend on the order of the documents', () => {
  const ids = (part: { id: string }[]): string[] => part.map(({ id }) => id).sort()
  expect(ids(split(whole.mail.toReversed()).heldOut)).toEqual(ids(split(whole.mail).heldOut))
})

test('mails keep their labels in both parts, and no header but the subject', () => {
  const { train, heldOut } = split(whole.mail)
  const spamShare = (part: typeof train): number => part.filter(({ label }) => label === 'spam').length / part.length
  expect(spamShare(train)).toBeGreaterThan(0.2)
  expect(Math.abs(spamShare(train) - spamShare(heldOut))).toBeLessThan(0.01)
  for (const { text, label } of whole.mail) {
    expect(['spam', 'ham']).toContain(label)
    expect(text.startsWith('Subject: ')).toBe(true)
    expect(text.split('\n')[1]).toBe('')
  }
  expect(whole.mail.filter(({ text }) => /^Subject: .*\n\n(Received|Return-Path|Message-ID|X-[\w-]+): /.test(text))).toEqual([])
})
