import type { WeightedPart } from '@weft/protocol'
import type { RowTokenizer } from './token-row.ts'

/**
 * The text of all parts as one, tokenized as inference would write it, and each token's weight: the largest of the parts that it
 * takes characters from, so that a short label keeps its weight where it shares a token with what surrounds it. In time that grows with
 * the text's length alone: a runner answers no request while it reads a row.
 */
export const encodeParts = (parts: readonly WeightedPart[], tokenizer: RowTokenizer): { tokens: number[]; weights: number[] } => {
  const tokens = tokenizer.encode(parts.map(({ text }) => text).join(''), { addSpecialTokens: false })
  const read = tokenizer.stream!()
  const weightOf = weightsAlong(parts)
  let [from, to] = [0, 0]
  const weights = tokens.map((token) => {
    // Half a character is not written until its other half comes: it counts as the next character.
    to += read.push(token).length
    const weight = weightOf(from, Math.max(to, from + 1))
    from = to
    return weight
  })
  return { tokens, weights }
}

/** The largest weight of the parts that have characters from `from` up to `to`; 0 of none. Asked for one stretch after another, none before the last. */
const weightsAlong = (parts: readonly WeightedPart[]): ((from: number, to: number) => number) => {
  let at = 0
  const spans = parts.filter(({ text }) => text.length > 0).map(({ text, weight = 1 }) => ({ start: at, end: (at += text.length), weight }))
  let first = 0
  return (from, to) => {
    while (first < spans.length && spans[first].end <= from) first += 1
    let most = 0
    for (let i = first; i < spans.length && spans[i].start < to; i++) most = Math.max(most, spans[i].weight)
    return most
  }
}
