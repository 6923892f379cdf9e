import type { Definition } from '../definition.ts'
import { byteIds } from './byte-ids.ts'
import { NONE } from './pairs.ts'
import type { PieceModel } from './piece-model.ts'
import { TokenTree } from './token-tree.ts'

/** What an unknown character costs beyond the least likely token. */
const UNKNOWN_COST = 10

/** The likeliest of all ways to write a piece in tokens (Kudo 2018, "Subword regularization"); a character without a token of its own may also be the unknown one. */
export const unigram = (definition: Definition): PieceModel => {
  const vocab: readonly [piece: string, score: number][] = definition.vocab
  const ids = new Map(vocab.map(([piece], id) => [piece, id]))
  const tree = new TokenTree(ids)
  const unknown: number = definition.unk_id
  const scores = Float64Array.from(vocab, ([, score]) => score)
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - UNKNOWN_COST
  scores[unknown] = unknownScore

  /** Where each token of the likeliest way ends, with its id. */
  const likeliest = (characters: readonly string[]): { id: number; end: number }[] => {
    const count = characters.length
    const codePoints = Int32Array.from(characters, (character) => character.codePointAt(0)!)
    // Of what ends at each place.
    const best = new Float64Array(count + 1).fill(Number.NEGATIVE_INFINITY)
    const start = new Int32Array(count + 1).fill(NONE)
    const token = new Int32Array(count + 1)
    best[0] = 0
    const offer = (from: number, to: number, id: number): void => {
      const score = best[from] + scores[id]
      // Of equal ones the first, which is the longest.
      if (start[to] !== NONE && score <= best[to]) return
      best[to] = score
      start[to] = from
      token[to] = id
    }
    for (let from = 0; from < count; from++) {
      let isKnown = false
      for (let at = from, node = tree.next(tree.root, codePoints[at]); node !== NONE; node = ++at < count ? tree.next(node, codePoints[at]) : NONE) {
        const id = tree.idAt(node)
        if (id === NONE) continue
        offer(from, at + 1, id)
        isKnown ||= at === from
      }
      if (!isKnown) offer(from, from + 1, unknown)
    }
    const found: { id: number; end: number }[] = []
    for (let end = count; end > 0; end = start[end]) found.push({ id: token[end], end })
    return found.reverse()
  }
  const asBytes = definition.byte_fallback ? byteIds(ids) : () => null
  const unknownIds = (text: string): readonly number[] => {
    const known = ids.get(text)
    return known === undefined ? (asBytes(text) ?? [unknown]) : [known]
  }
  return {
    ids,
    encode: (piece) => {
      const characters = Array.from(piece)
      const tokens = likeliest(characters)
      const found: number[] = []
      for (let i = 0, start = 0; i < tokens.length; i++) {
        const { id, end } = tokens[i]
        // Unknown ones in a row are one; the unknown token's own text is unknown, too.
        if (id === unknown && tokens[i + 1]?.id === unknown) continue
        if (id !== unknown) found.push(id)
        else for (const part of unknownIds(characters.slice(start, end).join(''))) found.push(part)
        start = end
      }
      return found
    },
  }
}
