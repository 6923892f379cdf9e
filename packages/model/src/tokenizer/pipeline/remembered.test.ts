import { expect, test } from 'vitest'
import { remembered } from './remembered.ts'

const counted = () => {
  const asked: string[] = []
  const of = remembered((text) => {
    asked.push(text)
    return [text.length]
  })
  return { asked, of }
}

test('a short text is worked out once, and a long one whenever it comes', () => {
  const { asked, of } = counted()
  for (const text of ['sea', 'whale', 'sea', '', '', 'a'.repeat(12), 'a'.repeat(12)]) expect(of(text)).toEqual([text.length])
  expect(asked).toEqual(['sea', 'whale', '', 'a'.repeat(12)])
  for (let i = 0; i < 2; i++) expect(of('a'.repeat(13))).toEqual([13])
  expect(asked).toHaveLength(6)
})

test('of more texts than it may keep it forgets all at once, and goes on', () => {
  const { asked, of } = counted()
  for (let i = 0; i < 32_768; i++) of(`${i}`)
  of('0')
  expect(asked).toHaveLength(32_768)
  of('one more')
  expect(of('0')).toEqual([1])
  expect(asked).toHaveLength(32_770)
})
