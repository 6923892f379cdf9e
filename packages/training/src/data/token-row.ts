import type { TaskType } from '@weft/adapters'
import type { RowMessage, ToolFunction } from '@weft/protocol'
import type { LearnedChat } from './asked-turns.ts'

/** What the data needs of a model's tokenizer. */
export interface RowTokenizer {
  /** With the special tokens the tokenizer puts around a text (a leading BOS, for one) unless switched off. */
  encode(text: string, options?: { addSpecialTokens?: boolean }): number[]
  readonly eosTokenId?: number
  /** Reads tokens as text, one after another: what each completes. Needed for completions in weighted parts. */
  stream?(): { push(id: number): string }
  /** The rendered chat and the assistant's parts of it; absent when the model has no template. */
  renderChat?(messages: readonly RowMessage[], tools?: readonly ToolFunction[]): LearnedChat
}

/** A row as numbers. */
export interface TokenRow {
  tokens: Uint32Array
  /** What a decoder answers to the tokens, where they are an encoder's. */
  targets?: Uint32Array
  /** `[T]`: the loss weight of predicting each token from what precedes it; of each target, where there are any. Empty for a classifier's row. */
  weights: Float32Array
  /** A classifier's class. */
  label?: number
  /** `[T]`: the class of each token; those of weight 0 count for nothing. */
  classes?: Int32Array
  /** A classifier's loss weight. */
  rowWeight: number
  /** Which of a method's tasks it is of, where they share parameters. */
  taskId?: number
  /** What the file's row said, where that was cut or is several of these; absent of one that is whole. */
  said?: string
  /** Whether it is of the same row of the file as the one before it. */
  goesOn?: true
}

/** Rows of the file, of which some are several of these. */
export const fileRows = (rows: readonly TokenRow[]): number => rows.filter(({ goesOn }) => !goesOn).length

export interface Dataset {
  rows: TokenRow[]
  /** Of the file's rows, of which each may be several of these. */
  truncatedRows: number
  /** Rows of the file of which all that is learned was cut off, so that they are none of these. */
  unlearnedRows: number
  /** Rows of the file that were not cut and of which nothing is learned all the same, for their weight of 0 for one: they are none of these either. */
  leftOutRows: number
  tokens: number
}

export interface TokenizeOptions {
  file: string
  task: TaskType
  tokenizer: RowTokenizer
  /** Most tokens of a row; what is longer is cut: a text at its end, a prompt at its beginning. */
  maxLength: number
  labels?: readonly string[]
  model?: string
  /** Whether a row's first token is predicted too: by the last of the virtual rows in front, where there are any. Default true. */
  predictsFirst?: boolean
  /** Whether rows of which nothing is learned are no error: some that were set aside, of a file that teaches something. Default false. */
  mayTeachNothing?: boolean
}
