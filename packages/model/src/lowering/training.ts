import { rowWidth } from '@weft/adapters'
import type { AdapterHooks } from '@weft/adapters/hooks'
import type { GraphBuilder, Value } from '@weft/graph'
import type { Lowering, ModelShape, RelativeBias } from '../architectures/architecture.ts'
import { biasInput, RELATIVE_BUCKETS, rotaryInputs } from '../layout/attention-inputs.ts'
import { embedTokens } from '../token-embedding.ts'
import { encoderDecoderForward } from './encoder-decoder.ts'
import { frozen } from './frozen.ts'
import { overColumns } from './over-columns.ts'
import { relativeBias } from './relative-bias.ts'
import { rotatedHeads, rotatedPairs } from './rotated-heads.ts'
import type { TrainingForward } from './training-forward.ts'

export type { TrainingForward }

export interface TrainingShape {
  batch: number
  /** Width of the token batch, T; rows of `inputsEmbeds` come on top: S = placed rows + T. */
  tokens: number
  /** Width of what an encoder-decoder answers, U. */
  targets?: number
  /** The one row of each sequence that is read, `[B]` int64 into the B·S: the last layer then answers no other. */
  read?: Value | undefined
}

/**
 * The differentiable forward pass. Adds the inputs `input_ids [B,T]` (int64); `cos.<table>`, `sin.<table>` `[B,S,F]` or
 * `position_ids [B*S]` (int64; flat, since WebGPU reshapes no int64), as the architecture wants them; and `attention_bias [B,1,S,prefix+S]`
 * (additive; causality, padding and strengths), or `attention_bias.window_<W>` for layers with a window; and `relative_buckets [B,S,prefix+S]` (int64) where distances have biases: all as `trainingLayout` and `AttentionInputs` write them.
 */
export function trainingForward(
  g: GraphBuilder,
  model: ModelShape,
  hooks: AdapterHooks,
  { batch: B, tokens: T, targets: U = 1, read }: TrainingShape,
): TrainingForward {
  if (model.architecture.attention(model.config).kind === 'encoder-decoder') return encoderDecoderForward(g, model, hooks, { batch: B, tokens: T, targets: U })
  const { architecture, config, spec } = model
  const S = hooks.placement.rows + T
  const ids = g.input('input_ids', 'int64', [B, T])

  const base = frozen(g, model, hooks)
  const { relative } = architecture.attention(config)
  // Some of the rows can be computed alone where adapters do to each what depends on it alone, and no bias of pairs would have to be cut.
  const last = read && hooks.rowwise && !relative ? { layer: spec.numLayers - 1, read } : undefined
  const lowering: Lowering = {
    weight: base.weight,
    linear: (x, module, layer) => hooks.linear(module, x, (rows) => base.linear(rows, module, layer)),
    linears: (x, layers) => layers.map(({ module, layer }) => lowering.linear(x, module, layer)),
    positions: () => g.input('position_ids', 'int64', [B * S]),
    attention: attention(g, model, hooks, { B, S, last, tableOf: ({ weight }) => base.weight(weight) }),
    answered: (layer, rows) => (layer === last?.layer ? g.gather(rows, last.read, 0) : rows),
    residual: hooks.residual,
  }
  const embedded = g.scope('embed', () => {
    const tokens = embedTokens(g, model, base, ids) // [B, T, H]
    return g.reshape(hooks.rows(tokens), [B * S, rowWidth(spec)])
  })
  const hidden = architecture.forward(g, config, lowering, embedded)
  return {
    hidden: read && !last ? g.gather(hidden, read, 0) : hidden,
    overVocabulary: base.overVocabulary,
    square: (rows, module) => lowering.linear(rows, module, { in: spec.hiddenSize, out: spec.hiddenSize, bias: true }),
  }
}

/**
 * Grouped-query attention without copies of keys: the N/K queries that share a key head are more rows of one product,
 *
 *   q [B,Q,N,D] → [B,N,Q,D] = [B,K,G·Q,D]      scores = q·kᵀ [B,K,G·Q,P+S]      G = N/K, Q = S, or 1 where one row of each sequence is read
 *
 * so keys and values are read once a group, and their gradients are summed by the product itself.
 * The scale rides on the queries' rotary tables, which are small: rotation is linear, so no pass over queries or scores is spent on it.
 * Without rotation, or where a part of a head is not rotated, it is one pass over the queries. What adapters add stands outside of any window: they have no positions.
 */
function attention(
  g: GraphBuilder,
  model: ModelShape,
  hooks: AdapterHooks,
  { B, S, last, tableOf }: { B: number; S: number; last: { layer: number; read: Value } | undefined; tableOf(relative: RelativeBias): Value },
): Lowering['attention'] {
  const { numHeads: N, numKeyValueHeads: K, headDim: D } = model.spec
  const G = N / K
  const total = hooks.placement.prefix + S
  const { relative } = model.architecture.attention(model.config)
  let pairs: Value | undefined // one for all layers
  const heads = (rows: Value, n: number, columns = S): Value => g.transpose(g.reshape(rows, [B, columns, n, D]), [0, 2, 1, 3])
  /** Of what every row has, `[…,S,width]` of B sequences, that of the rows that are answered: `[B,1,width]` in the last layer. */
  const ofAnswered = (layer: number, value: Value, width: number): Value =>
    layer === last?.layer ? g.reshape(g.gather(g.reshape(value, [B * S, width]), last.read, 0), [B, 1, width]) : value

  return (layer, q, k, v, { window = null, rotary, scale = 1 / Math.sqrt(D) } = {}) => {
    const Q = layer === last?.layer ? 1 : S
    const F = rotary === undefined ? 0 : rotatedPairs(model, rotary)
    const [cos, sin] = rotary === undefined ? [] : rotaryInputs(rotary).map((name) => g.input(name, 'float32', [B, S, F]))
    const whole = F === D / 2
    const table = (angles: Value): Value => (whole ? g.mul(ofAnswered(layer, angles, F), scale) : ofAnswered(layer, angles, F))
    const asked = whole ? heads(q, N, Q) : g.mul(heads(q, N, Q), scale)
    const rotated = cos ? rotatedHeads(g, asked, table(cos), table(sin)) : asked // [B, N, Q, D]
    const queries = g.reshape(rotated, [B, K, G * Q, D])
    const own = cos ? rotatedHeads(g, heads(k, K), cos, sin) : heads(k, K)
    const { k: keys, v: values } = hooks.keyValue(layer, own, heads(v, K)) // [B, K, P+S, D]
    const scores = g.matMul(queries, g.transpose(keys, [0, 1, 3, 2])) // [B, K, G*Q, P+S]
    const seen = g.input(biasInput(window), 'float32', [B, 1, S, total])
    pairs ??= relative && relativeBias(g, tableOf(relative), g.input(RELATIVE_BUCKETS, 'int64', [B, S, total]), seen)
    const mask = pairs ? g.reshape(pairs, [B, K, G, Q, total]) : g.reshape(ofAnswered(layer, seen, total), [B, 1, 1, Q, total])
    const keyBias = hooks.keyBias(layer)
    const biased = g.add(g.reshape(scores, [B, K, G, Q, total]), keyBias ? g.add(mask, overColumns(g, keyBias, S)) : mask)
    const shares = g.reshape(g.softmax(biased, { axis: -1 }), [B, K, G * Q, total])
    const attended = g.reshape(g.matMul(shares, values), [B, N, Q, D])
    const extra = hooks.attentionExtra(layer, () => rotated)
    const mixed = extra ? extra(attended) : attended
    return g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [B * Q, N * D])
  }
}
