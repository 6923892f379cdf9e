import { MASKED, type Placement } from '@weft/adapters'
import { invalidLayout, tooManyTokens } from '../errors.ts'
import { type GivenPlacement, IGNORED, placements } from './layout.ts'
import { prefixPositions } from './prefix-positions.ts'
import { type RelativePositions, relativeBuckets } from './relative-positions.ts'

export interface EncoderDecoderRow {
  /** What the encoder reads. */
  tokens: ArrayLike<number>
  /** What the decoder is to answer; −100 where it is not to be learned. */
  labels: ArrayLike<number>
  /** What it is fed of that, behind its start token; default the labels, −100 as padding. */
  answer?: ArrayLike<number>
}

export interface EncoderDecoderLayoutOptions {
  placement?: GivenPlacement
  rows: readonly EncoderDecoderRow[]
  /** Width of the encoder's token batch, T. */
  tokens: number
  /** Width of the decoder's, U. */
  targets: number
  relative: Record<'encoder' | 'decoder', RelativePositions>
  decoderStartTokenId: number
  padTokenId?: number
  /** Size of the loss arrays, M; default every position of the decoder. Unused entries have weight 0. */
  lossRows?: number
  /** Loss weights are 1/normalizer; default the number of learned tokens. */
  normalizer?: number
}

/** The inputs of `encoderDecoderForward`, and which rows of its hidden state predict what. */
export interface EncoderDecoderLayout {
  /** `[B, T]` */
  inputIds: BigInt64Array
  /** `[B, 1, 1, S]`, S = placed rows + T */
  encoderAttentionBias: Float32Array
  /** `[1, S, S]` */
  encoderBuckets: BigInt64Array
  /** `[B, U]` */
  decoderInputIds: BigInt64Array
  /** `[B, 1, U, prefix+U]` */
  attentionBias: Float32Array
  /** `[1, U, prefix+U]`; `[B, …]` where there are groups */
  decoderBuckets: BigInt64Array
  /** `[M]` rows of hidden `[B*U, H]` */
  lossIndex: BigInt64Array
  /** `[M]` token ids */
  lossTargets: BigInt64Array
  /** `[M]` */
  lossWeights: Float32Array
  /** Learned tokens, whatever the normalizer. */
  numTargets: number
}

/**
 * Masks, positions and labels of a batch for an encoder-decoder. The encoder's columns are `[rows | tokens]`, padded on the right; the
 * decoder reads the labels moved on by one behind its start token, so that each position predicts its own label. To the decoder, a prefix of P columns stands on the P positions before its first token; prefixes overlay one another.
 */
export function encoderDecoderLayout(options: EncoderDecoderLayoutOptions): EncoderDecoderLayout {
  const { rows, tokens: T, targets: U, decoderStartTokenId, padTokenId = 0, placement = {} } = options
  const { rows: R = 0, prefix: P = 0 } = placement
  const B = rows.length
  const [S, total] = [R + T, P + U]
  const layout = {
    inputIds: new BigInt64Array(B * T).fill(BigInt(padTokenId)),
    encoderAttentionBias: new Float32Array(B * S).fill(MASKED),
    decoderInputIds: new BigInt64Array(B * U).fill(BigInt(padTokenId)),
    attentionBias: new Float32Array(B * U * total).fill(MASKED),
  }
  const placed = placements(B, placement)
  rows.forEach(({ tokens, labels, answer = labels }, b) => {
    const { rows: numRows, prefix, rowBias, prefixBias } = placed[b]
    if (tokens.length > T) throw tooManyTokens(b, tokens.length, T)
    if (labels.length > U) throw tooManyTokens(b, labels.length, U)
    if (tokens.length + numRows === 0 || labels.length === 0)
      throw invalidLayout(`Row ${b} has ${tokens.length} tokens and ${labels.length} labels; at least one of each is expected.`)
    for (let i = 0; i < tokens.length; i++) layout.inputIds[b * T + i] = BigInt(tokens[i])
    const seen = layout.encoderAttentionBias.subarray(b * S, (b + 1) * S).fill(0, R - numRows, R + tokens.length)
    if (rowBias) seen.set(rowBias, R - numRows)
    layout.decoderInputIds[b * U] = BigInt(decoderStartTokenId)
    for (let u = 1; u < labels.length; u++) layout.decoderInputIds[b * U + u] = BigInt(answer[u - 1] === IGNORED ? padTokenId : answer[u - 1])
    for (let u = 0; u < U; u++) {
      const at = (b * U + u) * total
      layout.attentionBias.fill(0, at + P - prefix, at + P + u + 1)
      if (prefixBias) layout.attentionBias.set(prefixBias, at + P - prefix)
    }
  })
  return { ...layout, ...buckets(options, placed), ...losses(options) }
}

/** Buckets of all pairs of columns: of each row, where rows have prefixes of their own. Tokens and what stands next to them are as far apart as their columns. */
function buckets(
  { tokens: T, targets: U, relative, placement: { rows: R = 0, prefix: P = 0, groups = [] } = {} }: EncoderDecoderLayoutOptions,
  placed: readonly Placement[],
) {
  const columns = Int32Array.from({ length: R + T }, (_, i) => i)
  const each = groups.length > 1 ? placed : [placed[0]]
  const decoderBuckets = new BigInt64Array(each.length * U * (P + U))
  const encoderBuckets = relativeBuckets(columns, columns, relative.encoder)
  each.forEach((row, b) => {
    const positions = Int32Array.from({ length: P + U }, (_, i) => i - P)
    positions.set(prefixPositions(row.prefixLengths), P - row.prefix)
    relativeBuckets(positions.subarray(P), positions, relative.decoder, decoderBuckets, b * U * (P + U))
  })
  return { encoderBuckets, decoderBuckets }
}

function losses({ rows, targets: U, lossRows, normalizer }: EncoderDecoderLayoutOptions) {
  const pairs = rows.flatMap(({ labels }, b) => Array.from(labels, (label, u): [number, number] => [b * U + u, label]).filter(([, label]) => label !== IGNORED))
  const M = lossRows ?? rows.length * U
  if (pairs.length > M) throw invalidLayout(`The batch has ${pairs.length} learned tokens; lossRows is ${M}.`)
  const [lossIndex, lossTargets, lossWeights] = [new BigInt64Array(M), new BigInt64Array(M), new Float32Array(M)]
  pairs.forEach(([hidden, target], i) => {
    lossIndex[i] = BigInt(hidden)
    lossTargets[i] = BigInt(target)
    lossWeights[i] = 1 / (normalizer ?? Math.max(1, pairs.length))
  })
  return { lossIndex, lossTargets, lossWeights, numTargets: pairs.length }
}
