import { type AttentionExtra, adapterHooks, type Queries, type SlotInputs, slots } from '@weft/adapters/hooks'
import { type Graph, GraphBuilder, type Value } from '@weft/graph'
import type { Lowering, ModelShape } from '../architectures/architecture.ts'
import { unsupportedHeadSize } from '../errors.ts'
import { rotaryInputs } from '../layout/attention-inputs.ts'
import { fusedAttention, type LayerAttention, productAttention } from './cached-attention.ts'
import { frozen } from './frozen.ts'
import { rotatedHeads, rotatedPairs } from './rotated-heads.ts'

export interface InferenceOptions {
  /** `lastLogits`: `logits [B,V]` of one row per sequence; `logits`: `[B,T,V]`; `hidden`: `[B,T,H]` after the final norm. */
  output: 'lastLogits' | 'logits' | 'hidden'
  /** Adds the input `attention_bias`, for compositions with strengths. */
  bias?: boolean
  /** Adds the inputs of adapters that act inside layers. */
  adapters?: SlotInputs
  /** `fused`: one op, on consecutive rows of the cache; `products`: matrix products, on any rows. Default `fused`. */
  attention?: 'fused' | 'products'
}

/**
 * The forward pass over a key/value cache of C slots, updated in place: bind the same tensor as past and present.
 *
 * | input | shape |
 * |---|---|
 * | `inputs_embeds` | `[B,T,H]`: the host embeds tokens, so rows of any kind pass |
 * | `cos.<table>`, `sin.<table>` | `[B,T,F]` of each position, for every rotary table of the architecture, which turns F pairs of each head's numbers; positions need not be cache slots, since prefixes overlay one another |
 * | `position_ids` | `[B*T]` int64, where the architecture embeds positions |
 * | `past_key_values.<i>.key`, `.value` | `[B,K,C,D]`; `[R,K,C,D]` of all rows of the cache, of which `products` gathers those of the step |
 * | `seqlens_k` | `[B]` int32: each row's total length, this step included, minus 1; only for `fused`, as the next |
 * | `total_sequence_length` | int32 scalar: the largest total length |
 * | `cache_rows`, `cache_slots`, `slot_index`, `query_ends` | only for `products`: see `productAttention` |
 * | `last_index` | `[B]` int64, only for `lastLogits`: rows of `[B*T]` whose logits are wanted |
 * | `attention_bias`, `attention_bias.window_<W>` | `[B,1,T,total]`, only with `bias`: of layers that see everything, and of those with a window, what is outside of it masked |
 * | `key_bias_index` | `[total]` int64, of `products` `[C]`: the column of a prefix's key biases that each slot has, −1 for none; only with adapters that have some, which need `bias` |
 * | `<site>.…` | what adapters do inside layers, banks `[slots, …]` where rows differ in them; only with `adapters` |
 * | `<site>.rows_with_slots` | `[slots]` int64: the row of the batch that has each slot of a site's banks |
 *
 * Outputs: `logits` or `hidden`, and `present.<i>.key`, `.value`. With slots already filled, T > 1 asks `fused` for B = 1; T = 1 takes
 * any batch, and a first prefill too, its rows padded on the right. Throws `unsupported_head_size` for what the attention op has no kernel for.
 */
export function inferenceGraph(model: ModelShape, { output, bias = false, adapters, attention = 'fused' }: InferenceOptions): Graph {
  const { architecture, config, precision, spec } = model
  const { numHeads: N, numKeyValueHeads: K, headDim: D, hiddenSize: H } = spec
  if (attention === 'fused' && D % 8) throw unsupportedHeadSize(D)
  const attend = attention === 'fused' ? fusedAttention : productAttention
  const g = new GraphBuilder('inference')
  const embeds = g.input('inputs_embeds', 'float32', ['B', 'T', H])
  const lastIndex = output === 'lastLogits' ? g.input('last_index', 'int64', ['B']) : null
  // Any row of the cache may be a row of the step where attention gathers them.
  const cacheRows = attention === 'fused' ? 'B' : 'R'
  const held = attention === 'fused' ? (precision?.cache ?? 'float32') : 'float32'
  const past = (layer: number, half: 'key' | 'value') => g.input(`past_key_values.${layer}.${half}`, held, [cacheRows, K, 'C', D])
  const present: Value[][] = []
  const hooks = adapterHooks(g, [{ rows: 'B', adapters: adapters ? [slots(g, adapters)] : [] }])
  const base = frozen(g, model, hooks)

  const lowering: Lowering = {
    weight: base.weight,
    linear: (x, module, layer) => hooks.linear(module, x, (rows) => base.linear(rows, module, layer)),
    linears: (x, layers) => {
      let together: Value[] | undefined
      // What an adapter scales on its way in is no longer what the others read.
      return layers.map(({ module, layer }, i) =>
        hooks.linear(module, x, (rows) => (rows === x ? (together ??= base.linears(x, layers))[i] : base.linear(rows, module, layer))),
      )
    },
    positions: () => g.input('position_ids', 'int64', ['B*T']),
    attention: (layer, q, k, v, options = {}) => {
      const at: LayerAttention = { ...options, scale: options.scale ?? 1 / Math.sqrt(D), bias }
      const cached = {
        q: rotated(g, model, at.rotary, q, N),
        k: rotated(g, model, at.rotary, k, K),
        v,
        pastKey: past(layer, 'key'),
        pastValue: past(layer, 'value'),
        keyBias: hooks.keyBias(layer),
      }
      const [mixed, ...written] = attend(g, model, at, cached)
      present[layer] = written
      const extra = hooks.attentionExtra(layer, queriesOf(g, model, at, q))
      return extra ? withExtra(g, model, mixed, extra) : mixed
    },
    answered: (_, rows) => rows,
    residual: hooks.residual,
  }
  const hidden = architecture.forward(g, config, lowering, g.reshape(embeds, ['B*T', H])) // [B*T, H]
  if (output === 'hidden') g.output('hidden', g.reshape(hidden, ['B', 'T', H]))
  else if (lastIndex) g.output('logits', base.logits(g.gather(hidden, lastIndex, 0)))
  else g.output('logits', g.reshape(base.logits(hidden), ['B', 'T', spec.vocabSize]))
  present.forEach(([key, value], layer) => {
    g.output(`present.${layer}.key`, key)
    g.output(`present.${layer}.value`, value)
  })
  return g.build()
}

/** Rotation sees every token as a sequence of its own: heads stay side by side, and nothing is transposed. */
function rotated(g: GraphBuilder, model: ModelShape, rotary: string | undefined, rows: Value, n: number): Value {
  if (rotary === undefined) return rows
  const F = rotatedPairs(model, rotary)
  const [cos, sin] = rotaryInputs(rotary).map((name) => g.reshape(g.input(name, 'float32', ['B', 'T', F]), ['B*T', 1, F]))
  return rotatedHeads(g, g.reshape(rows, ['B*T', n, 1, model.spec.headDim]), cos, sin)
}

/** Queries `[B*T, N*D]` meet what adapters add as they meet the cache's keys. */
const queriesOf =
  (g: GraphBuilder, model: ModelShape, { rotary, scale }: LayerAttention, q: Value): Queries =>
  (slots) => {
    const { numHeads: N, headDim: D } = model.spec
    const all = g.reshape(rotated(g, model, rotary, q, N), ['B', 'T', N, D])
    return g.transpose(g.mul(slots?.some ? slots.some.pick(all) : all, scale), [0, 2, 1, 3])
  }

/** What a layer attended to, `[B*T, N*D]`, with what adapters add. */
function withExtra(g: GraphBuilder, { spec: { numHeads: N, headDim: D } }: ModelShape, mixed: Value, extra: AttentionExtra): Value {
  const laid = (added: Value): Value => g.reshape(g.transpose(added, [0, 2, 1, 3]), [added.shape[0], 'T', N * D])
  return g.reshape(extra(g.reshape(mixed, ['B', 'T', N * D]), laid), ['B*T', N * D])
}
