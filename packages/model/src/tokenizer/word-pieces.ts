/** What this needs of a model's tokenizer. */
export interface PieceTokenizer {
  encode(text: string, options?: { addSpecialTokens?: boolean }): number[]
}

/** The special tokens that a tokenizer puts around a text: `[CLS]` and `[SEP]`, a BOS, or none. */
export interface Surroundings {
  before: readonly number[]
  after: readonly number[]
}

const known = new WeakMap<PieceTokenizer, Surroundings>()

export const surroundings = (tokenizer: PieceTokenizer): Surroundings => {
  const found = known.get(tokenizer) ?? around(tokenizer)
  known.set(tokenizer, found)
  return found
}

const around = (tokenizer: PieceTokenizer): Surroundings => {
  const plain = tokenizer.encode('a', { addSpecialTokens: false })
  const whole = tokenizer.encode('a')
  const at = whole.findIndex((_, i) => plain.every((token, j) => whole[i + j] === token))
  return { before: whole.slice(0, at), after: whole.slice(at + plain.length) }
}

/** A text's tokens, cut at the text's end to `maxLength` where they are more: what stands behind a text stays. */
export const encodeWithin = (tokenizer: PieceTokenizer, text: string, maxLength: number): { tokens: number[]; cut: boolean } => {
  const tokens = tokenizer.encode(text)
  if (tokens.length <= maxLength) return { tokens, cut: false }
  const { after } = surroundings(tokenizer)
  const kept = after.length < maxLength ? after : []
  return { tokens: [...tokens.slice(0, maxLength - kept.length), ...kept], cut: true }
}

export interface WordPieces {
  tokens: number[]
  /** Where each word's first piece stands; −1 for a word that was cut off or has no pieces. */
  firstPieces: number[]
  cut: boolean
}

/**
 * Words to tokens, as Hugging Face's recipe for token classification does it (`is_split_into_words`): each is tokenized as it would be
 * after a space, special tokens stand around all of them, and what is beyond `maxLength` is cut.
 */
export const encodeWords = (tokenizer: PieceTokenizer, words: readonly string[], maxLength: number): WordPieces => {
  const { before, after } = surroundings(tokenizer)
  const room = maxLength - before.length - after.length
  const pieces: number[] = []
  let cut = false
  const firstPieces = words.map((word) => {
    if (cut) return -1
    const own = tokenizer.encode(` ${word}`, { addSpecialTokens: false })
    cut = pieces.length + own.length > room
    if (cut || own.length === 0) return -1
    pieces.push(...own)
    return before.length + pieces.length - own.length
  })
  return { tokens: [...before, ...pieces, ...after], firstPieces, cut }
}

/** Words of a text where nobody has split it: runs of letters and digits, with the apostrophes and hyphens inside them; any other sign by itself. */
export const wordsOf = (text: string): { word: string; start: number; end: number }[] =>
  [...text.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|[^\s]/gu)].map(({ 0: word, index }) => ({ word, start: index, end: index + word.length }))
