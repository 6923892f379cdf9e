import { expect, test } from 'vitest'
import { Places } from './places.ts'

const refusal = (words: string) => expect.objectContaining({ code: 'too_many_waiting', status: 429, message: expect.stringContaining(words) })

test('every kind of request takes one of the same places, and gives it back once', () => {
  const places = new Places(3)
  const leave = Array.from({ length: 3 }, () => places.take(''))
  expect(() => places.take('')).toThrow(refusal('This runner has 3 requests'))
  leave[0]!()
  leave[0]!()
  places.take('')
  expect(() => places.take('')).toThrow(refusal('3 requests'))
})

test('a tenant has half of them at most, so that another finds some', () => {
  const places = new Places(4)
  const [first] = [places.take('a'), places.take('a')]
  expect(() => places.take('a')).toThrow(refusal('This tenant has 2 requests'))
  places.take('b')
  first()
  places.take('a')
  places.take('b')
  expect(() => places.take('c')).toThrow(refusal('This runner has 4 requests'))
})

test('a refusal says when one may be free, by how long they were held of late', () => {
  let now = 0
  const places = new Places(4, () => now)
  const retryAfter = (seconds: number) => expect.objectContaining({ details: { places: 4, retry_after: seconds } })
  const leave = Array.from({ length: 4 }, () => places.take(''))
  expect(() => places.take('')).toThrow(retryAfter(1))
  now = 30_000
  leave[0]!()
  places.take('')
  expect(() => places.take('')).toThrow(retryAfter(8))
  now = 3_000_000
  leave[1]!()
  places.take('')
  expect(() => places.take('')).toThrow(retryAfter(60))
})
