import type { Dim } from '@weft/graph'
import { invalidLayout, tooManyTokens } from '../errors.ts'
import { type AttentionInputs, biasInput } from './attention-inputs.ts'
import type { TokenSpan } from './pooling.ts'
import { prefixPositions } from './prefix-positions.ts'

/** What virtual positions come with tokens. */
export interface Virtual {
  /** Rows of `inputsEmbeds` before the tokens, P. */
  numRows?: number
  /** Columns of `keyValue` prefixes before every layer's keys: the sum over all prefixes. */
  prefixLength?: number
  /** Positions those prefixes take: the longest one. */
  longestPrefix?: number
  /** Columns of each prefix, in their order: distances to them matter to windows and to relative positions. One prefix when absent. */
  prefixLengths?: readonly number[]
  /** Log strengths `[numRows]`, added to every attention logit toward a row. */
  rowBias?: Float32Array
  /** Log strengths `[prefixLength]`. */
  prefixBias?: Float32Array
}

/** A batch's virtual positions: those of every row, or the most that any row has, with `groups` to say whose they are. */
export interface VirtualTokens extends Virtual {
  /** Consecutive rows with virtual positions of their own, as a weave lists them: next to the tokens, with what is left of the batch's columns masked. */
  groups?: readonly (Virtual & { rows: Dim })[]
}

export interface LayoutRow {
  tokens: ArrayLike<number>
  /** One per token, unshifted as Hugging Face's: what the token itself is, −100 where it is not to be learned. Default: every token. */
  labels?: ArrayLike<number>
}

export interface TrainingLayoutOptions extends VirtualTokens {
  rows: readonly LayoutRow[]
  /** Width of the token batch, T. */
  tokens: number
  /** Which masks the model's layers ask for; positions are written by it, too. */
  attention: Pick<AttentionInputs, 'windows' | 'bidirectional'>
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
  /** `[B, 1, S, prefix+S]` of every window, by the names of their inputs; S = numRows + T */
  attentionBias: Record<string, Float32Array<ArrayBuffer>>
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

/** Additive bias of a column that must not be seen: exp gives exactly 0, and a row of nothing else still has a softmax. */
export const MASKED = Math.fround(-1e30)

/**
 * Masks, positions and labels of a training batch.
 *
 * Columns are `[prefix | rows | tokens]`. Position of row r is longestPrefix + r, of token t is longestPrefix + numRows + t,
 * counted without padding, so that either padding side, and any neighbours in a batch, give the same numbers. To a window, every prefix
 * ends right before the first row or token: composing it with others changes nothing in who sees it. With rows in front the first token is
 * predicted too (by the last row), as in PEFT; after a prefix alone it is not.
 */
export function trainingLayout(options: TrainingLayoutOptions): TrainingLayout {
  const { rows, tokens: T, attention, padTokenId = 0, padding = 'right', numRows: P = 0 } = options
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
  const virtual = virtualOf(options)
  rows.forEach(({ tokens }, b) => {
    for (let i = 0; i < tokens.length; i++) inputIds[b * T + first[b] + i] = BigInt(tokens[i])
    positions.set(
      options.positions === 'columns' ? everyColumn(S, virtual[b]) : ownPositions(P, T, first[b], virtual[b], options.groups ? tokens.length : T),
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
      return { start: virtual[b].numRows > 0 ? P - virtual[b].numRows : from, from, to: from + tokens.length }
    }),
    attentionBias: Object.fromEntries(attention.windows.map((window) => [biasInput(window), attentionBias(options, window, virtual, tokenColumns, positions)])),
    ...losses(options, virtual, first),
  }
}

/** A row's own: how many of the batch's columns are its, how far they reach, how strong they are. */
export type RowVirtual = Virtual & Required<Pick<Virtual, 'numRows' | 'prefixLength' | 'longestPrefix'>>

const resolved = ({ numRows = 0, prefixLength = 0, longestPrefix = prefixLength, prefixLengths, rowBias, prefixBias }: Virtual): RowVirtual => ({
  numRows,
  prefixLength,
  longestPrefix,
  prefixLengths,
  rowBias,
  prefixBias,
})

/** The virtual positions of each row of a batch. */
export function virtualOf({ rows, groups = [], ...all }: VirtualTokens & { rows: readonly unknown[] }): RowVirtual[] {
  if (groups.length < 2) return rows.map(() => resolved(all))
  const each = groups.flatMap((group) => Array<RowVirtual>(Number(group.rows)).fill(resolved(group)))
  if (each.length !== rows.length) throw invalidLayout(`The groups have ${each.length} rows and the batch ${rows.length}; as many are expected.`)
  return each
}

/** Padding takes the position of its neighbour; behind the `length` tokens too where other rows of the batch may be longer than this one's context allows. */
function ownPositions(P: number, T: number, first: number, { numRows, longestPrefix }: RowVirtual, length: number): Int32Array {
  return Int32Array.from(
    { length: P + T },
    (_, i) => longestPrefix + (i < P ? Math.max(0, i - (P - numRows)) : numRows + Math.min(length - 1, Math.max(0, i - P - first))),
  )
}

const everyColumn = (S: number, { longestPrefix }: RowVirtual): Int32Array => Int32Array.from({ length: S }, (_, i) => longestPrefix + i)

/** `spans[b]` holds the token columns of row b that are no padding, from and to; `positions [B,S]` those of rows and tokens. */
function attentionBias(
  options: TrainingLayoutOptions,
  window: number | null,
  virtual: readonly RowVirtual[],
  spans: readonly [from: number, to: number][],
  positions: Int32Array,
): Float32Array<ArrayBuffer> {
  const {
    tokens: T,
    numRows: P = 0,
    prefixLength = 0,
    attention: { bidirectional },
  } = options
  const S = P + T
  const total = prefixLength + S
  const bias = new Float32Array(spans.length * S * total)
  const row = new Float32Array(total)
  spans.forEach(([from, to], b) => {
    const own = virtual[b]
    const [firstColumn, firstRow, firstToken] = [prefixLength - own.prefixLength, prefixLength + P - own.numRows, prefixLength + P + from]
    row
      .fill(MASKED)
      .fill(0, firstColumn, prefixLength)
      .fill(0, firstRow, prefixLength + P)
      .fill(0, firstToken, prefixLength + P + to)
    if (own.prefixBias) row.set(own.prefixBias, firstColumn)
    if (own.rowBias) row.set(own.rowBias, firstRow)
    for (let query = 0; query < S; query++) {
      const at = (b * S + query) * total
      bias.set(row, at)
      if (!bidirectional) bias.fill(MASKED, at + prefixLength + query + 1, at + total) // causality
    }
    if (window === null) return
    const keys = new Int32Array(total)
    for (const [i, before] of prefixPositions(own).entries()) keys[firstColumn + i] = own.longestPrefix + before
    keys.set(positions.subarray(b * S, (b + 1) * S), prefixLength)
    for (let query = 0; query < S; query++) {
      const from = keys[prefixLength + query]
      for (let key = 0; key < total; key++) if (Math.abs(from - keys[key]) >= window) bias[(b * S + query) * total + key] = MASKED
    }
  })
  return bias
}

function losses(options: TrainingLayoutOptions, virtual: readonly RowVirtual[], first: number[]) {
  const { rows, tokens: T, numRows: P = 0, shifted = !options.attention.bidirectional } = options
  const S = P + T
  const pairs: [hidden: number, target: number][] = []
  rows.forEach(({ tokens, labels = tokens }, b) => {
    if (labels.length !== tokens.length) throw invalidLayout(`Row ${b} has ${tokens.length} tokens and ${labels.length} labels; one per token is expected.`)
    for (let t = 0; t < labels.length; t++) {
      const overPadding = t === 0 && !(options.positions === 'columns' && first[b] > 0)
      if (labels[t] === IGNORED || (shifted && overPadding && virtual[b].numRows === 0)) continue
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
