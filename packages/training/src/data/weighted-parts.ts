import type { WeightedPart } from '@weft/protocol'
import type { RowTokenizer } from './token-row.ts'

/**
 * The text of all parts as one, tokenized as inference would write it, and each token's weight: the largest of the parts that it
 * takes characters from, so that a short label keeps its weight where it shares a token with what surrounds it.
 */
export const encodeParts = (parts: readonly WeightedPart[], tokenizer: RowTokenizer): { tokens: number[]; weights: number[] } => {
  const tokens = tokenizer.encode(parts.map(({ text }) => text).join(''), { addSpecialTokens: false })
  const ends: number[] = []
  let at = 0
  for (const { text } of parts) ends.push((at += text.length))
  const weightOf = (from: number, to: number): number =>
    Math.max(...parts.filter(({ text }, i) => text.length > 0 && ends[i] > from && ends[i] - text.length < to).map(({ weight = 1 }) => weight), 0)
  let from = 0
  const weights = tokens.map((_, i) => {
    // Half a character is written as a replacement, or not at all, until its other half comes: it counts as the next character.
    const to = Math.min(tokenizer.decode!(tokens.slice(0, i + 1)).replace(/\uFFFD+$/, '').length, at)
    const weight = weightOf(from, Math.max(to, from + 1))
    from = Math.max(from, to)
    return weight
  })
  return { tokens, weights }
}
