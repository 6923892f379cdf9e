import { type BatchPlacement, MASKED, type Placement } from '@weft/adapters'
import { invalidLayout, tooManyTokens } from '../errors.ts'
import { type AttentionInputs, biasInput } from './attention-inputs.ts'
import { pairBuckets } from './pair-buckets.ts'
import type { TokenSpan } from './pooling.ts'
import { prefixPositions } from './prefix-positions.ts'

/** What stands before the tokens: a prefix is one and reaches as far as it is long, unless more is said. */
export type GivenPlacement = Partial<Omit<BatchPlacement, 'groups'>> & { groups?: readonly (Partial<Placement> & { batchRows: number })[] }

export interface LayoutRow {
  tokens: ArrayLike<number>
  /** One per token, unshifted as Hugging Face's: what the token itself is, −100 where it is not to be learned. Default: every token. */
  labels?: ArrayLike<number>
}

export interface TrainingLayoutOptions {
  placement?: GivenPlacement
  rows: readonly LayoutRow[]
  /** Width of the token batch, T. */
  tokens: number
  /** Which masks the model's layers ask for; positions are written by it, too. */
  attention: Pick<AttentionInputs, 'windows' | 'bidirectional'> & Partial<Pick<AttentionInputs, 'relative'>>
  padTokenId?: number
  padding?: 'left' | 'right'
  /** Whether a label is learned at the position before it, as what comes next, and not at its own; default: not in a bidirectional model. */
  shifted?: boolean
  /**
   * What a position counts: a row's own tokens, so that padding changes nothing, or columns, as frameworks count them that know of padding by a
   * mask alone. To those, windows are so many columns wide, and what precedes a row's first token is the column before it, padding or not.
   */
  positions?: 'mask' | 'columns'
  /** Size of the loss arrays, M; default every position that can predict a token. Unused entries have weight 0. */
  lossRows?: number
  /** Loss weights are 1/normalizer; default the number of learned tokens, so that the loss is their mean. */
  normalizer?: number
}

export interface TrainingLayout {
  /** `[B, T]` */
  inputIds: BigInt64Array
  /** `[B, 1, S, prefix+S]` of every window, by the names of their inputs; S = placed rows + T */
  attentionBias: Record<string, Float32Array<ArrayBuffer>>
  /** `[B, S, prefix+S]` of every pair of columns, where distances have biases. */
  buckets?: BigInt64Array<ArrayBuffer>
  /** `[M]` rows of hidden `[B*S, H]` that predict something. */
  lossIndex: BigInt64Array
  /** `[M]` token ids. */
  lossTargets: BigInt64Array
  /** `[M]` */
  lossWeights: Float32Array
  /** Learned tokens, whatever the normalizer. */
  numTargets: number
  /** `[B]` rows of hidden that hold each sequence's last token. */
  lastIndex: BigInt64Array
  /** Columns of `[S]` that hold each row's tokens. */
  spans: TokenSpan[]
  /** `[B, S]` */
  positions: Int32Array
}

/** Label of a position that is not learned (torch's ignore_index). */
export const IGNORED = -100

/**
 * Masks, positions and labels of a training batch.
 *
 * Columns are `[prefix | rows | tokens]`. Position of row r is longestPrefix + r, of token t is longestPrefix + rows + t,
 * counted without padding, so that either padding side, and any neighbours in a batch, give the same numbers. To a window, every prefix
 * ends right before the first row or token: composing it with others changes nothing in who sees it. With rows in front the first token is
 * predicted too (by the last row), as in PEFT; after a prefix alone it is not.
 */
export function trainingLayout(options: TrainingLayoutOptions): TrainingLayout {
  const { rows, tokens: T, attention, padTokenId = 0, padding = 'right', placement = {} } = options
  const { rows: P = 0 } = placement
  const B = rows.length
  const S = P + T
  const inputIds = new BigInt64Array(B * T).fill(BigInt(padTokenId))
  const positions = new Int32Array(B * S)
  const lastIndex = new BigInt64Array(B)
  const first = rows.map(({ tokens }, b) => {
    if (tokens.length > T) throw tooManyTokens(b, tokens.length, T)
    if (tokens.length === 0) throw invalidLayout(`Row ${b} has no tokens; at least one is expected.`)
    return padding === 'left' ? T - tokens.length : 0
  })
  const placed = placements(rows.length, placement)
  rows.forEach(({ tokens }, b) => {
    for (let i = 0; i < tokens.length; i++) inputIds[b * T + first[b] + i] = BigInt(tokens[i])
    positions.set(
      options.positions === 'columns' ? everyColumn(S, placed[b]) : ownPositions(P, T, first[b], placed[b], placement.groups ? tokens.length : T),
      b * S,
    )
    lastIndex[b] = BigInt(b * S + P + first[b] + tokens.length - 1)
  })
  const tokenColumns = rows.map(({ tokens }, b): [number, number] => [first[b], first[b] + tokens.length])
  return {
    inputIds,
    positions,
    lastIndex,
    spans: rows.map(({ tokens }, b): TokenSpan => {
      const from = P + first[b]
      return { start: placed[b].rows > 0 ? P - placed[b].rows : from, from, to: from + tokens.length }
    }),
    attentionBias: Object.fromEntries(attention.windows.map((window) => [biasInput(window), attentionBias(options, window, placed, tokenColumns, positions)])),
    ...(attention.relative && { buckets: pairBuckets(positions, placement.prefix ?? 0, placed, attention.relative) }),
    ...losses(options, placed, first),
  }
}

const resolved = ({ rows = 0, prefix = 0, longestPrefix = prefix, prefixLengths = [prefix], ...strengths }: Partial<Placement>): Placement => ({
  rows,
  prefix,
  longestPrefix,
  prefixLengths,
  ...strengths,
})

/** What stands before the tokens of each row of a batch. */
export function placements(batch: number, { groups = [], ...all }: GivenPlacement): Placement[] {
  if (groups.length < 2) return Array<Placement>(batch).fill(resolved(all))
  const each = groups.flatMap(({ batchRows, ...group }) => Array<Placement>(batchRows).fill(resolved(group)))
  if (each.length !== batch) throw invalidLayout(`The groups have ${each.length} rows and the batch ${batch}; as many are expected.`)
  return each
}

/** Padding takes the position of its neighbour; behind the `length` tokens too where other rows of the batch may be longer than this one's context allows. */
function ownPositions(P: number, T: number, first: number, { rows, longestPrefix }: Placement, length: number): Int32Array {
  return Int32Array.from(
    { length: P + T },
    (_, i) => longestPrefix + (i < P ? Math.max(0, i - (P - rows)) : rows + Math.min(length - 1, Math.max(0, i - P - first))),
  )
}

const everyColumn = (S: number, { longestPrefix }: Placement): Int32Array => Int32Array.from({ length: S }, (_, i) => longestPrefix + i)

/** `spans[b]` holds the token columns of row b that are no padding, from and to; `positions [B,S]` those of rows and tokens. */
function attentionBias(
  options: TrainingLayoutOptions,
  window: number | null,
  placed: readonly Placement[],
  spans: readonly [from: number, to: number][],
  positions: Int32Array,
): Float32Array<ArrayBuffer> {
  const {
    tokens: T,
    placement: { rows: P = 0, prefix = 0 } = {},
    attention: { bidirectional },
  } = options
  const S = P + T
  const total = prefix + S
  const bias = new Float32Array(spans.length * S * total)
  const row = new Float32Array(total)
  spans.forEach(([from, to], b) => {
    const own = placed[b]
    const [firstColumn, firstRow, firstToken] = [prefix - own.prefix, prefix + P - own.rows, prefix + P + from]
    row
      .fill(MASKED)
      .fill(0, firstColumn, prefix)
      .fill(0, firstRow, prefix + P)
      .fill(0, firstToken, prefix + P + to)
    if (own.prefixBias) row.set(own.prefixBias, firstColumn)
    if (own.rowBias) row.set(own.rowBias, firstRow)
    for (let query = 0; query < S; query++) {
      const at = (b * S + query) * total
      bias.set(row, at)
      if (!bidirectional) bias.fill(MASKED, at + prefix + query + 1, at + total) // causality
    }
    if (window === null) return
    const keys = new Int32Array(total)
    for (const [i, before] of prefixPositions(own.prefixLengths).entries()) keys[firstColumn + i] = own.longestPrefix + before
    keys.set(positions.subarray(b * S, (b + 1) * S), prefix)
    for (let query = 0; query < S; query++) {
      const from = keys[prefix + query]
      for (let key = 0; key < total; key++) if (Math.abs(from - keys[key]) >= window) bias[(b * S + query) * total + key] = MASKED
    }
  })
  return bias
}

function losses(options: TrainingLayoutOptions, placed: readonly Placement[], first: number[]) {
  const { rows, tokens: T, placement: { rows: P = 0 } = {}, shifted = !options.attention.bidirectional } = options
  const S = P + T
  const pairs: [hidden: number, target: number][] = []
  rows.forEach(({ tokens, labels = tokens }, b) => {
    if (labels.length !== tokens.length) throw invalidLayout(`Row ${b} has ${tokens.length} tokens and ${labels.length} labels; one per token is expected.`)
    for (let t = 0; t < labels.length; t++) {
      const overPadding = t === 0 && !(options.positions === 'columns' && first[b] > 0)
      if (labels[t] === IGNORED || (shifted && overPadding && placed[b].rows === 0)) continue
      pairs.push([b * S + P + (!shifted ? first[b] + t : overPadding ? -1 : first[b] + t - 1), labels[t]])
    }
  })
  const M = options.lossRows ?? rows.length * (P || !shifted ? T : T - 1)
  if (pairs.length > M) throw invalidLayout(`The batch has ${pairs.length} learned tokens; lossRows is ${M}.`)
  const lossIndex = new BigInt64Array(M)
  const lossTargets = new BigInt64Array(M)
  const lossWeights = new Float32Array(M)
  const weight = 1 / (options.normalizer ?? Math.max(1, pairs.length))
  pairs.forEach(([hidden, target], i) => {
    lossIndex[i] = BigInt(hidden)
    lossTargets[i] = BigInt(target)
    lossWeights[i] = weight
  })
  return { lossIndex, lossTargets, lossWeights, numTargets: pairs.length }
}
