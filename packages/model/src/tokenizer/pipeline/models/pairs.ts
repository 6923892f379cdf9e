/** What is found of a pair that was never set. */
export const NONE = -1

/** Whole numbers by pairs of whole numbers, none of them negative: in flat memory, since a vocabulary has hundreds of thousands of pairs, and a text asks for millions. */
export class Pairs {
  /** Of each slot the pair and its number; open addressing, at most half full. */
  #slots = new Int32Array(3 * 64).fill(NONE)
  #size = 0

  get(left: number, right: number): number {
    return this.#slots[this.#slotOf(left, right) + 2]
  }

  set(left: number, right: number, value: number): void {
    const slot = this.#slotOf(left, right)
    if (this.#slots[slot + 2] === NONE) this.#size++
    this.#slots.set([left, right, value], slot)
    if (6 * this.#size > this.#slots.length) this.#grow()
  }

  /** Of a pair, or the free one that it would have. */
  #slotOf(left: number, right: number): number {
    const slots = this.#slots
    const mask = slots.length / 3 - 1
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    for (let at = (hash ^ (hash >>> 13)) & mask; ; at = (at + 1) & mask) {
      const slot = 3 * at
      if (slots[slot + 2] === NONE || (slots[slot] === left && slots[slot + 1] === right)) return slot
    }
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Int32Array(2 * before.length).fill(NONE)
    this.#size = 0
    for (let slot = 0; slot < before.length; slot += 3) if (before[slot + 2] !== NONE) this.set(before[slot], before[slot + 1], before[slot + 2])
  }
}
