/** How slots come to hold what is asked of the first of them; swaps, moves and writes follow one another. */
export interface Placed<T> {
  /** Which of the items each slot has. */
  items: number[]
  /** What all slots hold then. */
  held: (T | undefined)[]
  swapped: [number, number][]
  /** What gives way to something that is written, to a slot that holds nothing. */
  moved: [from: number, to: number][]
  written: number[]
  /** Those of them that held something before. */
  used: Set<number>
}

/**
 * Lays items in the first slots, one each, in whatever order moves the least: what lies there stays, what lies behind changes places with what is not asked
 * for, and only what is nowhere is written. What it takes the place of goes behind, if a slot there is free.
 */
export function placeInSlots<T>(before: readonly (T | undefined)[], items: readonly T[], capacity: number): Placed<T> {
  const held = [...before]
  const open = new Map<T, number[]>()
  for (const [item, value] of items.entries()) {
    const others = open.get(value)
    if (others) others.push(item)
    else open.set(value, [item])
  }
  const take = (value: T | undefined): number | undefined => (value === undefined ? undefined : open.get(value)?.pop())
  const placed: Placed<T> = { items: [], held, swapped: [], moved: [], written: [], used: new Set() }
  const free: number[] = []
  for (let slot = 0; slot < items.length; slot++) {
    const item = take(held[slot])
    if (item === undefined) free.push(slot)
    else placed.items[slot] = item
  }
  for (let slot = items.length; slot < held.length && free.length > 0; slot++) {
    const item = take(held[slot])
    if (item === undefined) continue
    const to = free.pop()!
    placed.items[to] = item
    placed.swapped.push([slot, to])
    ;[held[slot], held[to]] = [held[to], held[slot]]
  }
  let empty = items.length
  for (const [value, left] of open)
    for (const item of left) {
      const to = free.pop()!
      if (held[to] !== undefined) {
        while (empty < capacity && held[empty] !== undefined) empty++
        if (empty < capacity) {
          placed.moved.push([to, empty])
          held[empty] = held[to]
        }
        placed.used.add(to)
      }
      held[to] = value
      placed.items[to] = item
      placed.written.push(to)
    }
  return placed
}
