/** A card as its maker describes it. */
export interface Card {
  name: string
  memoryGB: number
  /** Memory bandwidth. */
  gbPerS: number
  /** Of 16-bit products without sparsity. */
  tflops: number
  /** What an hour was assumed to cost; prices differ by a factor of three between clouds. */
  usdPerHour: number
  source: string
}

export const cards: readonly Card[] = [
  { name: 'L4', memoryGB: 24, gbPerS: 300, tflops: 121, usdPerHour: 0.8, source: 'https://www.nvidia.com/en-us/data-center/l4/' },
  { name: 'A100 80GB', memoryGB: 80, gbPerS: 2039, tflops: 312, usdPerHour: 2, source: 'https://www.nvidia.com/en-us/data-center/a100/' },
  { name: 'H100 SXM', memoryGB: 80, gbPerS: 3350, tflops: 989, usdPerHour: 3, source: 'https://www.nvidia.com/en-us/data-center/h100/' },
  { name: 'H200 SXM', memoryGB: 141, gbPerS: 4800, tflops: 989, usdPerHour: 4, source: 'https://www.nvidia.com/en-us/data-center/h200/' },
]

/** The sizes that arithmetic needs of a base model. */
export interface Base {
  name: string
  parameters: number
  hiddenSize: number
  numLayers: number
  numHeads: number
  numKeyValueHeads: number
  headDim: number
}

export const smol: Base = {
  name: 'SmolLM2-135M',
  parameters: 134.5e6,
  hiddenSize: 576,
  numLayers: 30,
  numHeads: 9,
  numKeyValueHeads: 3,
  headDim: 64,
}
export const eightB: Base = {
  name: 'Llama-3.1-8B',
  parameters: 8.03e9,
  hiddenSize: 4096,
  numLayers: 32,
  numHeads: 32,
  numKeyValueHeads: 8,
  headDim: 128,
}

/**
 * What the host needs to start a layer's kernels in a decode step, however few rows it has: measured on an H200 (7.84 ms a token of SmolLM2's 30 layers in
 * bfloat16, one row, `npx node gpu-runner/bench/gpu.ts --parts decoding --shapes 135M --precisions bfloat16`).
 */
const layerMs = 7.84 / 30
/** What of a card's peak real kernels are taken to reach. An assumption: no card has been measured near it. */
export const share = 0.5
/** Of a card's memory, what is left for weights, keys and values. */
const usable = 0.9
const BYTES_16 = 2

/** Keys and values of one token, in bytes. */
export const tokenBytes = ({ numLayers, numKeyValueHeads, headDim }: Base): number => numLayers * 2 * numKeyValueHeads * headDim * BYTES_16
const weightBytes = ({ parameters }: Base): number => parameters * BYTES_16

/** What a request is: so many tokens read, so many written. */
export interface Asked {
  promptTokens: number
  tokens: number
}

export interface Held {
  /** Rows that fit beside the weights, at most `mostRows`. */
  rows: number
  tokensPerS: number
  promptTokensPerS: number
  requestsPerS: number
}

/** A step's rows: more make each answer slower, and a batch that large is seldom full. */
const mostRows = 256

/**
 * What a card answers: a decode step reads all weights and every row's keys and values once, and takes at least what starting its kernels takes; a prompt
 * costs two operations a parameter and token.
 * Reading and writing share the card.
 */
export function heldBy(card: Card, base: Base, { promptTokens, tokens }: Asked): Held {
  const rowBytes = tokenBytes(base) * (promptTokens + tokens)
  const rows = Math.max(0, Math.min(mostRows, Math.floor((card.memoryGB * 1e9 * usable - weightBytes(base)) / rowBytes)))
  // Rows are on average half written.
  const stepBytes = weightBytes(base) + rows * tokenBytes(base) * (promptTokens + tokens / 2)
  const stepS = Math.max(stepBytes / (card.gbPerS * 1e9 * share), (base.numLayers * layerMs) / 1000)
  const tokensPerS = rows / stepS
  const promptTokensPerS = (card.tflops * 1e12 * share) / (2 * base.parameters)
  return { rows, tokensPerS, promptTokensPerS, requestsPerS: 1 / (promptTokens / promptTokensPerS + tokens / tokensPerS) }
}
