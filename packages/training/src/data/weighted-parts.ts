import { encodeBehind } from '@weft/model/tokenizer/behind'
import type { WeightedPart } from '@weft/protocol'
import type { RowTokenizer } from './token-row.ts'

/**
 * The text of all parts as one, tokenized as inference would write it behind what stands before, and each token's weight: the largest of the parts that it
 * takes characters from, so that a short label keeps its weight where it shares a token with what surrounds it. In time that grows with
 * the text's length alone: a runner answers no request while it reads a row.
 */
export const encodeParts = (parts: readonly WeightedPart[], tokenizer: RowTokenizer, prompt = ''): { tokens: number[]; weights: number[] } => {
  const given = parts.filter(({ text }) => text.length > 0)
  const whole = given.map(({ text }) => text).join('')
  const tokens = encodeBehind(tokenizer, prompt, whole)
  const read = tokenizer.stream!()
  for (const token of prompt === '' ? [] : tokenizer.encode(prompt.slice(-READ), { addSpecialTokens: false })) read.push(token)
  const written = tokens.map((token) => read.push(token))
  const weightOf = weightsAlong(written.join('') === whole ? spansOf(given) : spansAsWritten(given, tokenizer, prompt !== ''))
  let [from, to] = [0, 0]
  const weights = written.map((text) => {
    // Half a character is not written until its other half comes: it counts as the next character.
    to += text.length
    const weight = weightOf(from, Math.max(to, from + 1))
    from = to
    return weight
  })
  return { tokens, weights }
}

/** So many of a prompt's last characters tell how what stands behind it is written. */
const READ = 64

/** Where a part lies in what the tokens write, and its weight. */
interface Span {
  start: number
  end: number
  weight: number
}

const spansOf = (parts: readonly WeightedPart[]): Span[] => {
  let at = 0
  return parts.map(({ text, weight = 1 }) => ({ start: at, end: (at += text.length), weight }))
}

/** A letter that every vocabulary has: beside it a part's first and last blanks stay what they are within a text. */
const BESIDE = 'a'

/**
 * The same where the tokens write another text than was given, since the tokenizer has rewritten it: accents that are put together, blanks that are
 * dropped, `<unk>` for what the vocabulary lacks. Of each part counts what is written of it, less what it and the one before it make one of.
 * @param goesOn whether a text stands before them
 */
const spansAsWritten = (parts: readonly WeightedPart[], tokenizer: RowTokenizer, goesOn: boolean): Span[] => {
  const lengthOf = (text: string): number => {
    const read = tokenizer.stream!()
    return tokenizer.encode(text, { addSpecialTokens: false }).reduce((length, token) => length + read.push(token).length, 0)
  }
  /** Of the parts from one to another, among the others. */
  const within = (first: number, last: number): number => {
    const [before, after] = [goesOn || first > 0 ? BESIDE : '', last < parts.length - 1 ? BESIDE : '']
    const texts = parts.slice(first, last + 1).map(({ text }) => text)
    return lengthOf(before + texts.join('') + after) - lengthOf(before) - after.length
  }
  const spans: Span[] = []
  for (const [i, { weight = 1 }] of parts.entries()) {
    const length = within(i, i)
    const last = spans.at(-1)
    const start = last ? last.start + within(i - 1, i) - length : 0
    spans.push({ start, end: start + length, weight })
  }
  return spans
}

/** The largest weight of the spans that have characters from `from` up to `to`; 0 of none. Asked for one stretch after another, none before the last. */
const weightsAlong = (spans: readonly Span[]): ((from: number, to: number) => number) => {
  let first = 0
  return (from, to) => {
    while (first < spans.length && spans[first].end <= from) first += 1
    let most = 0
    for (let i = first; i < spans.length && spans[i].start < to; i++) most = Math.max(most, spans[i].weight)
    return most
  }
}
