import { type LoadedAdapter, type Random, sizeOf } from '@weft/adapters'
import { emptyInitText, initializerShape, missingLabels } from './errors.ts'

/** What an initializer may use: the base model's tokenizer, embeddings and layers, and the run's random numbers. */
export interface InitContext {
  /** This parameter's own stream. */
  random: Random
  /** Token ids of a text; with the tokenizer's special tokens when asked (PEFT's `TEXT` initialization has them). */
  tokenize(text: string, options?: { addSpecialTokens?: boolean }): number[]
  /** Rows of the base model's embedding matrix, `[n, H]`. */
  embedding(ids: readonly number[]): Float32Array
  /** What a key/value cache of the frozen model holds for these tokens at positions 0 … n−1, `[L, 2, K, n, D]`: used as a prefix, they act as those tokens in front of the text. */
  keyValue(ids: readonly number[]): Promise<Float32Array>
  /** A weight of the base model, widened to float32. */
  baseWeight(name: string): Float32Array
  /** The first `count` token ids of the task's own training rows, as training reads them, one row after another in an order of this parameter's own; begun again where they are fewer. */
  trainingTokens(count: number): number[]
  /** The task's classes; empty for language modelling. */
  labels: readonly string[]
  /** The adapters that the method requires, in the order its config names them. */
  required: readonly LoadedAdapter[]
  vocabSize: number
}

/** Initial values of a parameter, row-major, as many as its shape has. What it draws from `context.random` is the same for the same seed. */
export type Initializer = (context: InitContext, shape: number[]) => Float32Array | Promise<Float32Array>

const fill = (shape: readonly number[], draw: () => number): Float32Array => {
  const data = new Float32Array(sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = draw()
  return data
}

/** N(0, std²). */
export const normal =
  (std = 1): Initializer =>
  ({ random }, shape) =>
    fill(shape, () => random.normal(0, std))

/** U(low, high). */
export const uniform =
  (low: number, high: number): Initializer =>
  ({ random }, shape) =>
    fill(shape, () => random.uniform(low, high))

export const zeros: Initializer = (_, shape) => new Float32Array(sizeOf(shape))

export const ones: Initializer = (_, shape) => new Float32Array(sizeOf(shape)).fill(1)

/**
 * torch's `Linear` default, kaiming_uniform(a = √5): U(±1/√fanIn). Without `fanIn`, the last axis (weights are
 * `[out, in]`); a bias names its layer's.
 */
export const kaimingUniform =
  (fanIn?: number): Initializer =>
  ({ random }, shape) => {
    const bound = 1 / Math.sqrt(fanIn ?? shape[shape.length - 1])
    return fill(shape, () => random.uniform(-bound, bound))
  }

/** Embeddings of tokens drawn uniformly from the first `limit` ids of the vocabulary, `[P, H]`. */
export const fromVocabulary =
  (options: { limit?: number; replacement?: boolean } = {}): Initializer =>
  (context, shape) =>
    context.embedding(sampleVocabulary(context, shape[0], options))

/** Embeddings of a text's tokens, repeated or cut to P rows as PEFT does (special tokens included), `[P, H]`. Error `init_text_empty` for a text of no tokens. */
export const fromText =
  (text: string): Initializer =>
  (context, shape) =>
    context.embedding(tileText(context, text, shape[0]))

/** Embeddings of the first tokens of training rows, `[P, H]`: real text of the task's own kind. */
export const fromTrainingText = (): Initializer => (context, shape) => context.embedding(context.trainingTokens(shape[0]))

/**
 * Lester et al. 2021: row i is the mean of the embeddings of label i's subwords; the rows left over are drawn from
 * the 5000 most frequent tokens without replacement. `[P, H]`. Errors `labels_missing`, `init_text_empty`.
 */
export const fromLabels =
  (labels?: readonly string[]): Initializer =>
  (context, shape) => {
    const [numRows, hiddenSize] = shape
    const names = labels?.length ? labels : context.labels
    if (!names.length) throw missingLabels()
    const rows = new Float32Array(numRows * hiddenSize)
    const count = Math.min(numRows, names.length)
    for (let row = 0; row < count; row++) {
      const ids = context.tokenize(names[row])
      if (!ids.length) throw emptyInitText(names[row])
      const subwords = context.embedding(ids)
      for (let i = 0; i < subwords.length; i++) rows[row * hiddenSize + (i % hiddenSize)] += subwords[i] / ids.length
    }
    if (count < numRows) {
      rows.set(context.embedding(sampleVocabulary(context, numRows - count, { limit: 5000, replacement: false })), count * hiddenSize)
    }
    return rows
  }

/** Keys and values that the frozen model computes for real tokens, `[L, 2, K, P, D]`: of a text, or of sampled tokens. Error `init_text_empty`. */
export const fromKeyValue =
  (text?: string): Initializer =>
  (context, shape) => {
    const numTokens = shape[3]
    return context.keyValue(text === undefined ? sampleVocabulary(context, numTokens) : tileText(context, text, numTokens))
  }

/** Keys and values that the frozen model computes for the first tokens of training rows, `[L, 2, K, P, D]`. */
export const fromTrainingKeyValue = (): Initializer => (context, shape) => context.keyValue(context.trainingTokens(shape[3]))

/** The base model's own weight of that name. */
export const baseWeight =
  (name: string): Initializer =>
  ({ baseWeight }) =>
    baseWeight(name).slice()

/** A tensor of a required adapter's state: `fromRequired(0, 'inputsEmbeds', 'rows')`. */
export const fromRequired =
  (index: number, site: string, tensor: string): Initializer =>
  ({ required }) => {
    const held = required[index].state[site][tensor].data
    return Float32Array.from(held)
  }

/** Calls an initializer and checks that it returned as many values as the shape says. Error 500 `initializer_shape`. */
export async function initialize(init: Initializer, context: InitContext, shape: number[], name: string): Promise<Float32Array> {
  const values = await init(context, shape)
  if (values.length !== sizeOf(shape)) throw initializerShape(name, shape, values.length)
  return values
}

function sampleVocabulary({ random, vocabSize }: InitContext, n: number, { limit = vocabSize, replacement = true } = {}): number[] {
  const pool = Math.min(limit, vocabSize)
  if (replacement || n > pool) return Array.from({ length: n }, () => random.integer(pool))
  return [...random.permutation(pool).subarray(0, n)]
}

function tileText(context: InitContext, text: string, n: number): number[] {
  const ids = context.tokenize(text, { addSpecialTokens: true })
  if (!ids.length) throw emptyInitText(text)
  return Array.from({ length: n }, (_, i) => ids[i % ids.length])
}
