import { expect, test } from 'vitest'
import { Lru } from './lru.ts'

test('the least recently used gives way to the budget', () => {
  const evicted: string[] = []
  const lru = new Lru<number>(10, (key) => evicted.push(key))
  lru.set('a', 1, 4)
  lru.set('b', 2, 4)
  expect(lru.get('a')).toBe(1)
  lru.set('c', 3, 4)
  expect(evicted).toEqual(['b'])
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3])
  expect([lru.bytes, lru.size]).toEqual([8, 2])
})

test('replacing an entry counts its bytes once; one larger than the budget is not kept and leaves the others', () => {
  const lru = new Lru<number>(10)
  lru.set('a', 1, 6)
  lru.set('a', 2, 8)
  expect(lru.bytes).toBe(8)
  expect(lru.set('b', 3, 11)).toBe(false)
  expect([lru.get('a'), lru.get('b')]).toEqual([2, undefined])
})
