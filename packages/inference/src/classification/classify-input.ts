import { encodeWithin, encodeWords, type PieceTokenizer, surroundings, wordsOf } from '@weft/model/tokenizer/word-pieces'
import type { LabelledToken } from '@weft/protocol'
import { tokenOutOfRange } from '../errors.ts'
import { checkTextLength } from '../text-length.ts'

/** A text, or one that is split into words already. */
export type ClassifyInput = string | readonly string[]

/** What a classifier reads of an input. */
export interface ReadText {
  tokens: number[]
}

/** A text for one label. An empty one still has a token to read: the end-of-text token, as in training. */
export const readText = (tokenizer: PieceTokenizer & { eosTokenIds: readonly number[] }, input: ClassifyInput, room: number): ReadText => {
  const { tokens } = encodeWithin(tokenizer, checkTextLength(typeof input === 'string' ? input : input.join(' '), 'inputs'), room)
  return { tokens: tokens.length > 0 ? tokens : [tokenizer.eosTokenIds[0] ?? 0] }
}

/** A whole text, or tokens as they are. @throws WeftError `token_out_of_range` */
export const readWhole = (tokenizer: PieceTokenizer & { eosTokenIds: readonly number[] }, input: string | readonly number[], vocabSize: number): ReadText => {
  if (typeof input === 'string') return readText(tokenizer, input, Infinity)
  const wrong = input.find((token) => token >= vocabSize)
  if (wrong !== undefined) throw tokenOutOfRange(wrong, vocabSize, 'input')
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
export interface ReadWords extends ReadText {
  words: (Pick<LabelledToken, 'index' | 'token' | 'start' | 'end'> & { at: number })[]
}

export const readWords = (tokenizer: PieceTokenizer & { eosTokenIds: readonly number[] }, input: ClassifyInput, room: number): ReadWords => {
  checkTextLength(typeof input === 'string' ? input : input.join(' '), 'inputs')
  const words = typeof input === 'string' ? wordsOf(input) : input.map((word) => ({ word }))
  const { tokens, firstPieces } = encodeWords(
    tokenizer,
    words.map(({ word }) => word),
    room,
  )
  return {
    tokens: tokens.length > 0 ? tokens : [tokenizer.eosTokenIds[0] ?? 0],
    words: words.flatMap(({ word, ...place }, index) => (firstPieces[index] < 0 ? [] : [{ index, token: word, ...place, at: firstPieces[index] }])),
  }
}
