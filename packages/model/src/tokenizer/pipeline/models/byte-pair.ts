import type { Definition } from '../definition.ts'
import { byteIds } from './byte-ids.ts'
import { LeastFirst } from './least-first.ts'
import { NONE, Pairs } from './pairs.ts'
import type { PieceModel } from './piece-model.ts'

/** Of several in a row, one. */
const fused = (ids: readonly number[], unknown: number | undefined): number[] => ids.filter((id, i) => id !== unknown || ids[i - 1] !== unknown)

/**
 * Characters that are joined pair by pair: of all pairs of a word the one that was learned first, from the left on (Sennrich et al. 2016, "Neural machine
 * translation of rare words with subword units"). In flat memory, with the pairs in a heap: one word may be a whole text of a million characters.
 */
export const bytePair = (definition: Definition): PieceModel => {
  const { vocab, merges, unk_token, end_of_word_suffix: ending, byte_fallback = false, ignore_merges = false, continuing_subword_prefix: prefix } = definition
  if (prefix) throw new Error(`a BPE whose tokens within a word begin with ${JSON.stringify(prefix)} is not supported`)
  const ids = new Map<string, number>(Object.entries(vocab))
  const unknown = ids.get(unk_token)
  const asBytes = byte_fallback ? byteIds(ids) : () => null
  const { symbolOf, ranks, joined, isToken } = learned(ids, merges)

  const encode = (piece: string): number[] => {
    const whole = ignore_merges ? ids.get(piece) : undefined
    if (whole !== undefined) return [whole]
    const starts = startsOf(piece)
    const count = starts.length - 1
    const textOf = (at: number, end: number): string => piece.slice(starts[at], starts[end]) + (ending && end === count ? ending : '')
    const symbols = new Int32Array(count)
    for (let at = 0; at < count; at++) symbols[at] = symbolOf(textOf(at, at + 1))
    const behind = join(symbols, ranks, joined)
    const found: number[] = []
    for (let at = 0; at < count; at = behind[at]) {
      if (isToken(symbols[at])) found.push(symbols[at])
      else found.push(...(asBytes(textOf(at, behind[at])) ?? (unknown === undefined ? [] : [unknown])))
    }
    return found
  }
  return { ids, encode: definition.fuse_unk ? (piece) => fused(encode(piece), unknown) : encode }
}

/** Where each character begins, and where the last one ends. */
const startsOf = (text: string): number[] => {
  const starts: number[] = []
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) starts.push(at)
  starts.push(text.length)
  return starts
}

/** Joins symbols in place, each with one behind it. @returns where the next symbol stands behind each, or the end */
const join = (symbols: Int32Array, ranks: Pairs, joined: Int32Array): Int32Array => {
  const count = symbols.length
  const before = new Int32Array(count + 1)
  const behind = new Int32Array(count)
  /** Of the pair that begins at each place; `NONE` where none does any more. */
  const rank = new Int32Array(count)
  const waiting = new LeastFirst()
  const pairUp = (at: number): void => {
    const next = behind[at]
    rank[at] = next === count ? NONE : ranks.get(symbols[at], symbols[next])
    // By its rank, then by its place.
    if (rank[at] !== NONE) waiting.add(rank[at] * count + at)
  }
  for (let at = 0; at < count; at++) {
    behind[at] = at + 1
    before[at + 1] = at
  }
  for (let at = 0; at < count; at++) pairUp(at)
  while (waiting.size > 0) {
    const least = waiting.take()
    const at = least % count
    if (rank[at] * count + at !== least) continue // one of the two has been joined to another since
    const next = behind[at]
    symbols[at] = joined[rank[at]]
    behind[at] = behind[next]
    before[behind[at]] = at
    rank[next] = NONE
    pairUp(at)
    if (at > 0) pairUp(before[at])
  }
  return behind
}

/** What a vocabulary's merges say, of symbols: tokens by their ids, and behind those whatever else is joined or comes of it. */
const learned = (ids: ReadonlyMap<string, number>, merges: readonly (string | [string, string])[]) => {
  const tokens = [...ids.values()].reduce((most, id) => Math.max(most, id), -1) + 1
  const others = new Map<string, number>()
  const symbol = (text: string): number => {
    const known = ids.get(text) ?? others.get(text)
    if (known !== undefined) return known
    others.set(text, tokens + others.size)
    return tokens + others.size - 1
  }
  const ranks = new Pairs()
  const joined = Int32Array.from(merges, (merge, rank) => {
    const [left, right] = typeof merge === 'string' ? merge.split(' ', 2) : merge
    ranks.set(symbol(left), symbol(right), rank)
    return symbol(left + right)
  })
  return {
    ranks,
    joined,
    symbolOf: (text: string): number => ids.get(text) ?? others.get(text) ?? NONE,
    isToken: (of: number): boolean => of !== NONE && of < tokens,
  }
}
