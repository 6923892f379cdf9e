import { expect, test } from 'vitest'
import { passages, spread, whale } from './index.ts'

test('passages keep the text, end at sentences, and have about one length', () => {
  const [chapter] = whale()
  const found = passages([chapter], 480)
  expect(chapter.text.replace(/\s+/g, ' ').startsWith(found.join(' '))).toBe(true)
  for (const one of found) {
    expect(one.length).toBeLessThanOrEqual(480)
    expect(one.length).toBeGreaterThan(160)
  }
  expect(found.slice(0, -1).filter((one) => one.endsWith('.')).length).toBeGreaterThan(found.length / 2)
})

test('spread takes evenly and never more than there is', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7], 4)).toEqual([0, 2, 4, 6])
  expect(spread([1, 2], 5)).toEqual([1, 2])
})
