import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { type Placed, placeInSlots } from './place-in-slots.ts'

/** What slots hold after the moves, told by doing them; what is written comes from outside. */
function done(before: readonly (string | undefined)[], { swapped, moved, written, held, used }: Placed<string>): (string | undefined)[] {
  const slots = [...before]
  for (const [a, b] of swapped) [slots[a], slots[b]] = [slots[b], slots[a]]
  for (const [from, to] of moved) {
    expect(slots[to]).toBeUndefined()
    slots[to] = slots[from]
  }
  for (const slot of written) {
    expect(used.has(slot)).toBe(slots[slot] !== undefined)
    slots[slot] = held[slot]
  }
  return slots
}

test('what is asked for is in the first slots, whatever was there before, and what is in some slot is not written', () => {
  const random = new Random('slots')
  const capacity = 8
  let held: (string | undefined)[] = []
  for (let step = 0; step < 2000; step++) {
    const items = Array.from({ length: 1 + random.integer(capacity) }, () => 'abcdefghijk'[random.integer(11)]!)
    const placed = placeInSlots(held, items, capacity)
    const slots = done(held, placed)
    expect(slots).toEqual(placed.held)
    expect(slots.length).toBeLessThanOrEqual(capacity)
    expect([...placed.items].sort((a, b) => a - b)).toEqual(items.map((_, i) => i))
    expect(placed.items.map((item) => items[item])).toEqual(slots.slice(0, items.length))
    const counted = (all: readonly (string | undefined)[], value: string) => all.filter((each) => each === value).length
    const missing = [...new Set(items)].reduce((sum, value) => sum + Math.max(0, counted(items, value) - counted(held, value)), 0)
    expect(placed.written.length).toBe(missing)
    held = slots
  }
})

test('nothing moves while the same is asked for, in whatever order, and what gave way is found again', () => {
  const first = placeInSlots<string>([], ['a', 'b', 'c'], 4)
  expect(first.written).toHaveLength(3)
  const again = placeInSlots(first.held, ['c', 'a', 'b'], 4)
  expect([again.swapped, again.moved, again.written]).toEqual([[], [], []])
  const other = placeInSlots(again.held, ['d', 'a', 'b'], 4)
  expect([other.moved.length, other.written.length]).toEqual([1, 1])
  const back = placeInSlots(other.held, ['a', 'b', 'c'], 4)
  expect([back.swapped.length, back.written.length]).toEqual([1, 0])
})
