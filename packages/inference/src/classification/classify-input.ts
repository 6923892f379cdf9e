import { encodeWithin, encodeWords, type PieceTokenizer, surroundings, wordsOf } from '@weft/model/tokenizer/word-pieces'
import type { LabelledToken } from '@weft/protocol'
import { inputTooLong, tokenOutOfRange } from '../errors.ts'
import type { Asker } from '../scheduler/asker.ts'
import { checkTextLength } from '../text-length.ts'

/** A text, or one that is split into words already. */
export type ClassifyInput = string | readonly string[]

export interface ClassifyOptions extends Asker {
  /** Cuts what is longer than the context, and says so in the result; an error otherwise. */
  truncate?: boolean
}

/** What a classifier reads of an input. */
export interface ReadText {
  tokens: number[]
}

/** Tokens of all that was read, which usage counts. */
export const tokensOf = (read: readonly ReadText[]): number => read.reduce((sum, { tokens }) => sum + tokens.length, 0)

/** Tokens that a model has room for, and whether what is longer may be cut. */
export interface Within {
  room: number
  truncate: boolean
}

const everything: Within = { room: Infinity, truncate: false }

/** Whether an input was read to its end. */
interface ReadPart extends ReadText {
  cut: boolean
}

/** What a result says of how much was read, where cutting was allowed. */
export const partOf = ({ tokens, cut }: ReadPart, { truncate }: Within): { tokensRead?: number; truncated?: true } =>
  truncate ? { tokensRead: tokens.length, ...(cut ? { truncated: true } : {}) } : {}

/** A text for one label. An empty one still has a token to read: the end-of-text token, as in training. @throws WeftError `context_length_exceeded` */
export const readText = (
  tokenizer: PieceTokenizer & { eosTokenIds: readonly number[] },
  input: ClassifyInput,
  index: number,
  { room, truncate }: Within,
): ReadPart => {
  const { tokens, cut } = encodeWithin(
    tokenizer,
    checkTextLength(typeof input === 'string' ? input : input.join(' '), `input[${index}]`),
    truncate ? room : Infinity,
  )
  if (tokens.length > room) throw inputTooLong(index, tokens.length, room)
  return { tokens: tokens.length > 0 ? tokens : [tokenizer.eosTokenIds[0] ?? 0], cut }
}

/** A whole text, or tokens as they are. @throws WeftError `token_out_of_range` */
export const readWhole = (
  tokenizer: PieceTokenizer & { eosTokenIds: readonly number[] },
  input: string | readonly number[],
  index: number,
  vocabSize: number,
): ReadText => {
  if (typeof input === 'string') return readText(tokenizer, input, index, everything)
  const wrong = input.find((token) => token >= vocabSize)
  if (wrong !== undefined) throw tokenOutOfRange(wrong, vocabSize, `input[${index}]`)
  return { tokens: [...input] }
}

/** Tokens of a text, cut to `room`: what stands behind every text stays. */
export const cutTo = (tokenizer: PieceTokenizer, tokens: readonly number[], room: number): number[] => {
  if (tokens.length <= room) return [...tokens]
  const { after } = surroundings(tokenizer)
  const closed = after.length > 0 && after.length < room && after.every((token, i) => tokens[tokens.length - after.length + i] === token)
  return closed ? [...tokens.slice(0, room - after.length), ...after] : tokens.slice(0, room)
}

/** A text for a label per word, with where each word that is read stands. */
export interface ReadWords extends ReadPart {
  words: (Pick<LabelledToken, 'index' | 'token' | 'start' | 'end'> & { at: number })[]
}

/** @throws WeftError `context_length_exceeded` */
export const readWords = (
  tokenizer: PieceTokenizer & { eosTokenIds: readonly number[] },
  input: ClassifyInput,
  index: number,
  { room, truncate }: Within,
): ReadWords => {
  checkTextLength(typeof input === 'string' ? input : input.join(' '), `input[${index}]`)
  const words = typeof input === 'string' ? wordsOf(input) : input.map((word) => ({ word }))
  const { tokens, firstPieces, cut } = encodeWords(
    tokenizer,
    words.map(({ word }) => word),
    truncate ? room : Infinity,
  )
  if (tokens.length > room) throw inputTooLong(index, tokens.length, room)
  return {
    cut,
    tokens: tokens.length > 0 ? tokens : [tokenizer.eosTokenIds[0] ?? 0],
    words: words.flatMap(({ word, ...place }, index) => (firstPieces[index] < 0 ? [] : [{ index, token: word, ...place, at: firstPieces[index] }])),
  }
}
