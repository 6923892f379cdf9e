import { remembered } from './remembered.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false })

/** Longest grapheme, in bytes, that is looked up whole. */
const LONGEST = 6

/**
 * SentencePiece's compiled table of replacements: the size of a double-array trie (Darts), the trie, and the replacements, each ended by a zero byte.
 * Each grapheme is replaced whole where it is short and known, else character by character.
 */
export const precompiled = (charsmap: string): ((text: string) => string) => {
  const bytes = Uint8Array.from(atob(charsmap), (character) => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  const size = view.getUint32(0, true)
  const units = Array.from({ length: size >> 2 }, (_, i) => view.getUint32(4 + 4 * i, true))
  const replacements = bytes.subarray(4 + size)
  const replacement = (chunk: Uint8Array): string | null => {
    const at = firstPrefix(units, chunk)
    return at === null ? null : decoder.decode(replacements.subarray(at, replacements.indexOf(0, at)))
  }
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
  const replaced = remembered((grapheme) => {
    const whole = encoder.encode(grapheme)
    const known = whole.length < LONGEST ? replacement(whole) : null
    return known ?? Array.from(grapheme, (character) => replacement(encoder.encode(character)) ?? character).join('')
  })
  return (text) => Array.from(graphemes.segment(text), ({ segment }) => replaced(segment)).join('')
}

/** The value of the shortest key that a text begins with. */
const firstPrefix = (units: readonly number[], text: Uint8Array): number | null => {
  const offset = (unit: number): number => (unit >>> 10) << ((unit & (1 << 9)) >>> 6)
  let node = offset(units[0])
  for (const byte of text) {
    if (byte === 0) return null
    node ^= byte
    const unit = units[node]
    if (unit === undefined || (unit & ((1 << 31) | 0xff)) !== byte) return null
    node ^= offset(unit)
    if ((unit >>> 8) & 1) return units[node] & 0x7fffffff
  }
  return null
}
