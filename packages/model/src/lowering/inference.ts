import { type AdapterHooks, adapterHooks, type SlotInputs, slots } from '@weft/adapters/hooks'
import { type Graph, GraphBuilder, type Value } from '@weft/graph'
import type { AttentionOptions, Lowering, ModelShape } from '../architectures/architecture.ts'
import { unsupportedHeadSize } from '../errors.ts'
import { biasInput, rotaryInputs } from '../layout/attention-inputs.ts'
import { frozen } from './frozen.ts'

export interface InferenceOptions {
  /** `lastLogits`: `logits [B,V]` of one row per sequence; `logits`: `[B,T,V]`; `hidden`: `[B,T,H]` after the final norm. */
  output: 'lastLogits' | 'logits' | 'hidden'
  /** Adds the input `attention_bias`, for compositions with strengths. */
  bias?: boolean
  /** Adds the inputs of adapters that act inside layers. */
  adapters?: SlotInputs
}

/**
 * The forward pass over a key/value cache of C slots, updated in place: bind the same tensor as past and present.
 *
 * | input | shape |
 * |---|---|
 * | `inputs_embeds` | `[B,T,H]`: the host embeds tokens, so rows of any kind pass |
 * | `cos.<table>`, `sin.<table>` | `[B,T,D/2]` of each position, for every rotary table of the architecture; positions need not be cache slots, since prefixes overlay one another |
 * | `position_ids` | `[B*T]` int64, where the architecture embeds positions |
 * | `seqlens_k` | `[B]` int32: each row's total length, this step included, minus 1 |
 * | `total_sequence_length` | int32 scalar: the largest total length |
 * | `past_key_values.<i>.key`, `.value` | `[B,K,C,D]` |
 * | `last_index` | `[B]` int64, only for `lastLogits`: rows of `[B*T]` whose logits are wanted |
 * | `attention_bias`, `attention_bias.window_<W>` | `[B,1,T,total]`, only with `bias`: of layers that see everything, and of those with a window, what is outside of it masked |
 * | `<site>.…` | what adapters do inside layers, `[B, …]` where rows differ in them; only with `adapters` |
 *
 * Outputs: `logits` or `hidden`, and `present.<i>.key`, `.value`. With slots already filled, T > 1 asks for B = 1; T = 1 takes
 * any batch, and a first prefill too, its rows padded on the right. Throws `unsupported_head_size` for what the attention op has no kernel for.
 */
export function inferenceGraph(model: ModelShape, { output, bias = false, adapters }: InferenceOptions): Graph {
  const { architecture, config, spec } = model
  const { numKeyValueHeads: K, headDim: D, hiddenSize: H } = spec
  if (D % 8) throw unsupportedHeadSize(D)
  const g = new GraphBuilder('inference')
  const embeds = g.input('inputs_embeds', 'float32', ['B', 'T', H])
  const lastIndex = output === 'lastLogits' ? g.input('last_index', 'int64', ['B']) : null
  const lengths = { seqlensK: g.input('seqlens_k', 'int32', ['B']), totalSequenceLength: g.input('total_sequence_length', 'int32', []) }
  const past = (layer: number, half: 'key' | 'value') => g.input(`past_key_values.${layer}.${half}`, 'float32', ['B', K, 'C', D])
  const present: Value[][] = []
  const hooks = adapterHooks(g, [{ rows: 'B', adapters: adapters ? [slots(g, adapters)] : [] }])
  const base = frozen(g, model, hooks)

  const lowering: Lowering = {
    weight: base.weight,
    linear: (x, module, layer) => hooks.linear(module, x, (rows) => base.linear(rows, module, layer)),
    positions: () => g.input('position_ids', 'int64', ['B*T']),
    attention: (layer, q, k, v, options = {}) => {
      const at: LayerAttention = { ...options, scale: options.scale ?? 1 / Math.sqrt(D), bias }
      const [mixed, ...written] = cachedAttention(g, model, at, { q, k, v, pastKey: past(layer, 'key'), pastValue: past(layer, 'value'), ...lengths })
      present[layer] = written
      const extra = attentionExtra(g, model, at, hooks, layer, q)
      return extra ? g.add(mixed, extra) : mixed
    },
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

/** How a layer attends, and whether the host masks and weighs what it sees; if not, the op's own window does. */
type LayerAttention = AttentionOptions & { scale: number; bias: boolean }

interface CachedInputs {
  q: Value
  k: Value
  v: Value
  pastKey: Value
  pastValue: Value
  seqlensK: Value
  totalSequenceLength: Value
}

/** Writes this step's keys and values into the cache and attends to it: `[B*T, N*D]`, present key, present value. */
function cachedAttention(
  g: GraphBuilder,
  { spec }: ModelShape,
  { window = null, rotary, scale, bias }: LayerAttention,
  { q, k, v, ...cache }: CachedInputs,
): [mixed: Value, key: Value, value: Value] {
  const { numHeads: N, numKeyValueHeads: K, headDim: D } = spec
  const sequence = (rows: Value, n: number): Value => g.reshape(rows, ['B', 'T', n * D])
  const [mixed, key, value] = g.groupQueryAttention(
    {
      query: sequence(rotated(g, rotary, q, N, D), N),
      key: sequence(rotated(g, rotary, k, K, D), K),
      value: sequence(v, K),
      ...cache,
      ...(bias && { attentionBias: g.input(biasInput(window), 'float32', ['B', 1, 'T', 'total']) }),
    },
    { numHeads: N, kvNumHeads: K, scale, ...(window !== null && !bias && { window }) },
  )
  return [g.reshape(mixed, ['B*T', N * D]), key, value]
}

/** Rotation sees every token as a sequence of its own: heads stay side by side, and nothing is transposed. */
function rotated(g: GraphBuilder, rotary: string | undefined, rows: Value, n: number, D: number): Value {
  if (rotary === undefined) return rows
  const [cos, sin] = rotaryInputs(rotary).map((name) => g.reshape(g.input(name, 'float32', ['B', 'T', D / 2]), ['B*T', 1, D / 2]))
  return g.rotaryEmbedding(g.reshape(rows, ['B*T', n, 1, D]), cos, sin)
}

/** What adapters add, `[B*T, N*D]`: queries meet their keys as they meet the cache's. */
function attentionExtra(g: GraphBuilder, { spec }: ModelShape, { rotary, scale }: LayerAttention, hooks: AdapterHooks, layer: number, q: Value): Value | null {
  const { numHeads: N, headDim: D } = spec
  const queries = (): Value => g.transpose(g.reshape(g.mul(rotated(g, rotary, q, N, D), scale), ['B', 'T', N, D]), [0, 2, 1, 3])
  const extra = hooks.attentionExtra(layer, queries)
  return extra && g.reshape(g.transpose(extra, [0, 2, 1, 3]), ['B*T', N * D])
}
