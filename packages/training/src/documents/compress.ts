import { setImmediate } from 'node:timers/promises'
import { type FloatTensor, floatTensor, type SiteState, sites } from '@weft/adapters'
import type { ModelShape, Tokenizer } from '@weft/model'
import { type HeadProducts, type Matrix, matrix } from './head-products.ts'
import { matchHead } from './match-head.ts'
import type { Part } from './parts.ts'
import type { Reading } from './reading.ts'
import { REFERENCE_LENGTH, referenceTexts } from './reference-texts.ts'

/** Positions whose queries are matched, at most: each counts once for every query head that shares a key. */
const QUERIES = 1024

export interface CompressionTools {
  model: ModelShape
  tokenizer: Tokenizer
  reading: Reading
  products: HeadProducts
  /** Whether keys get biases. */
  biased: boolean
  /** Called when a part begins to be read: what it gives hears how much of it is. */
  onReading: () => (share: number) => void
  /** Called when the heads of a layer are matched; it may throw to stop. */
  onLayer: () => void
}

export interface Compressed {
  /** Of the site `keyValue`: without `keyBias` where every token keeps its key, or keys get none. */
  state: SiteState
  /** How far what reference queries see is from what they should, Σ|difference|² / Σ|seen|²; 0 where nothing was left out. */
  error: number
}

/**
 * Where the first token of a part stands, so that its last one is right before what follows all `tokens` columns of the prefix. An architecture that embeds
 * positions counts them from the beginning: there it is near the columns that it will have.
 */
const startOf = ({ architecture, config }: ModelShape, part: Part, tokens: number): number =>
  Object.keys(architecture.attention(config).rotary).length > 0 ? tokens - part.ids.length : 0

/**
 * Parts of documents as one prefix. A part is read by itself, and stands right before what follows the prefix, as prefixes that are composed do (parallel
 * context windows: Ratner et al. 2023, https://arxiv.org/abs/2212.10947).
 */
export async function compressParts(parts: readonly Part[], tools: CompressionTools): Promise<Compressed> {
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0)
  let [error, length] = [0, 0]
  let state: SiteState | undefined
  for (const part of parts) {
    const matched = await compressPart(part, tokens, tools)
    error += matched.error
    length += matched.length
    state = state ? sites.keyValue.stack(state, matched.state) : matched.state
  }
  return { state: state!, error: length === 0 ? 0 : error / length }
}

/** The exact prefix of a part's tokens, as it stands before what follows `tokens` columns. */
const exactPrefix = (part: Part, tokens: number, { model, reading }: Pick<CompressionTools, 'model' | 'reading'>): Promise<FloatTensor> =>
  reading.keyValues(part.ids, startOf(model, part, tokens))

/** Those of all parts, side by side. */
export async function exactPrefixes(parts: readonly Part[], tools: Pick<CompressionTools, 'model' | 'reading'>): Promise<FloatTensor> {
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0)
  let state: SiteState | undefined
  for (const part of parts) {
    const next = { prefix: await exactPrefix(part, tokens, tools) }
    state = state ? sites.keyValue.stack(state, next) : next
  }
  return state!.prefix as FloatTensor
}

async function compressPart(part: Part, tokens: number, tools: CompressionTools): Promise<{ state: SiteState; error: number; length: number }> {
  const { model, tokenizer, reading, products, biased, onReading, onLayer } = tools
  const { numLayers: L, numHeads: N, numKeyValueHeads: K, headDim: d, maxPositions } = model.spec
  const read = onReading()
  read(0)
  const prefix = await exactPrefix(part, tokens, tools)
  const D = part.ids.length
  if (part.tokens === D) return { state: { prefix }, error: 0, length: 0 }
  const room = Math.min(REFERENCE_LENGTH, maxPositions - tokens)
  const texts = referenceTexts(part.ids, tokenizer, room)
  const asked = positionsOf(texts)
  const queries = await reading.queries(texts, { prefix, start: tokens, length: room, asked, onText: (done) => read((1 + done) / (1 + texts.length)) })

  const P = part.tokens
  const matchedPrefix = floatTensor([L, 2, K, P, d])
  const keyBias = floatTensor([L, K, P])
  let [error, length] = [0, 0]
  for (let layer = 0; layer < L; layer++) {
    for (let head = 0; head < K; head++) {
      const half = (of: 0 | 1) => {
        const at = ((layer * 2 + of) * K + head) * D * d
        return matrix(D, d, prefix.data.slice(at, at + D * d))
      }
      const [k, v] = [half(0), half(1)]
      const q = queriesOf(queries, asked.length, { layer, first: (head * N) / K, heads: N / K, N, d })
      const matched = await matchHead(products, { q, k, v, N: P, biased })
      const into = (of: 0 | 1) => ((layer * 2 + of) * K + head) * P * d
      for (const [column, from] of matched.chosen.entries()) matchedPrefix.data.set(k.data.subarray(from * d, (from + 1) * d), into(0) + column * d)
      matchedPrefix.data.set(matched.values, into(1))
      keyBias.data.set(matched.bias, (layer * K + head) * P)
      error += matched.error
      length += matched.length
      await setImmediate()
    }
    onLayer()
  }
  return { state: { prefix: matchedPrefix, ...(biased && { keyBias }) }, error, length }
}

/** Text and token of the positions that count: all, or every so many of them. */
function positionsOf(texts: readonly (readonly number[])[]): [text: number, token: number][] {
  const all = texts.flatMap((tokens, text) => tokens.map((_, token): [number, number] => [text, token]))
  const step = Math.max(1, all.length / QUERIES)
  return Array.from({ length: Math.floor(all.length / step) }, (_, i) => all[Math.floor(i * step)])
}

/** The queries of the heads that share a key head, `[heads·positions, d]`: they lie one behind the other in `[L,N,positions,d]`. */
const queriesOf = (
  queries: Float32Array,
  positions: number,
  { layer, first, heads, N, d }: { layer: number; first: number; heads: number; N: number; d: number },
): Matrix => {
  const at = (layer * N + first) * positions * d
  return matrix(heads * positions, d, queries.subarray(at, at + heads * positions * d))
}
