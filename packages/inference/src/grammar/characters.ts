import type { Term, Terms } from './automaton/terms.ts'
import { type Ranges, without } from './ranges.ts'

const LAST = 0x10ffff
/** Every code point that UTF-8 writes: all but the surrogates. */
export const anyCharacter: Ranges = [
  [0, 0xd7ff],
  [0xe000, LAST],
]

export const complement = (ranges: Ranges): Ranges => without(anyCharacter, ranges)

/** One character of these, in UTF-8. */
export function character(terms: Terms, ranges: Ranges): Term {
  const scalars = without(ranges, [[0xd800, 0xdfff]])
  return terms.choice(scalars.flatMap(([low, high]) => encoded(low, high).map((bytes) => terms.sequence(...bytes.map((range) => terms.bytes([range]))))))
}

/** Stretches of code points of one length whose bytes are a product of ranges, as byte ranges (Cox, "Regular expression matching in the wild", utf8 ranges). */
function encoded(low: number, high: number): (readonly [number, number])[][] {
  const found: (readonly [number, number])[][] = []
  const split = (from: number, to: number): void => {
    for (const last of [0x7f, 0x7ff, 0xffff])
      if (from <= last && to > last) {
        split(from, last)
        return split(last + 1, to)
      }
    const count = from <= 0x7f ? 0 : from <= 0x7ff ? 1 : from <= 0xffff ? 2 : 3
    for (let bits = 6; bits <= 6 * count; bits += 6) {
      const mask = (1 << bits) - 1
      if (from >> bits === to >> bits) continue
      if ((from & mask) !== 0) {
        split(from, from | mask)
        return split((from | mask) + 1, to)
      }
      if ((to & mask) !== mask) {
        split(from, (to & ~mask) - 1)
        return split(to & ~mask, to)
      }
    }
    const [first, last] = [utf8(from), utf8(to)]
    found.push(first.map((byte, i) => [byte, last[i]] as const))
  }
  split(low, high)
  return found
}

const utf8 = (codePoint: number): number[] => [...new TextEncoder().encode(String.fromCodePoint(codePoint))]
