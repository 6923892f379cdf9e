import { type AdapterHooks, adapterHooks, type SlotInputs, slots } from '@weft/adapters/hooks'
import { type Dim, type Graph, GraphBuilder, type Value } from '@weft/graph'
import type { ModelShape } from '../architectures/architecture.ts'
import { overSlots } from './cached-attention.ts'
import { crossHeads, decoderStack, encoderStack, type Layers } from './encoder-decoder.ts'
import { frozen } from './frozen.ts'

export interface EncoderDecoderInference {
  /** Adds the inputs of adapters that act inside layers. */
  adapters?: SlotInputs
}

/**
 * The encoder, run once a prompt, up to what the decoder's layers see of it.
 *
 * | input | shape |
 * |---|---|
 * | `inputs_embeds` | `[1,S,H]`: composed rows, then the prompt's tokens |
 * | `encoder_attention_bias` | `[1,1,1,S]`: log strengths of the rows |
 * | `encoder_buckets` | `[1,S,S]` int64 |
 * | `<site>.…` | what adapters do to linear layers, only with `adapters` |
 *
 * Outputs: `cross.<i>.key`, `.value` `[1,N,S,D]` of every decoder layer.
 */
export function encoderGraph(model: ModelShape, { adapters }: EncoderDecoderInference = {}): Graph {
  const { spec } = model
  const g = new GraphBuilder('encoder')
  const acting = layersWith(g, model, hooksOf(g, adapters, 1))
  const encoded = encoderStack(g, model, acting, g.reshape(g.input('inputs_embeds', 'float32', [1, 'S', spec.hiddenSize]), ['S', spec.hiddenSize]), {
    B: 1,
    S: 'S',
    seen: g.input('encoder_attention_bias', 'float32', [1, 1, 1, 'S']),
    buckets: g.input('encoder_buckets', 'int64', [1, 'S', 'S']),
  })
  for (let layer = 0; layer < spec.numLayers; layer++) {
    const { k, v } = crossHeads(g, model, acting, layer, encoded, 1, 'S')
    g.output(`cross.${layer}.key`, k)
    g.output(`cross.${layer}.value`, v)
  }
  return g.build()
}

/**
 * The decoder, of B rows, over T new tokens each and C slots of what came before, prefixes included: the host keeps those, and masks the slots that are not
 * in use.
 *
 * | input | shape |
 * |---|---|
 * | `inputs_embeds` | `[B,T,H]` |
 * | `past_key_values.<i>.key`, `.value` | `[B,N,C,D]` |
 * | `cross.<i>.key`, `.value` | `[B,N,S,D]`, as the encoder gave them, the shorter ones filled up |
 * | `encoder_attention_bias` | `[B,1,1,S]`, as the encoder was given it; what is filled up is masked |
 * | `attention_bias` | `[B,1,T,C+T]`: unused slots, causality, log strengths |
 * | `decoder_buckets` | `[B,T,C+T]` int64 |
 * | `key_bias_index` | `[C+T]` int64: the column of a prefix's key biases that each slot has, −1 for none; only with adapters that have some |
 * | `<site>.…` | what adapters do inside layers, only with `adapters` |
 *
 * Outputs: `logits [B*T,V]`; `present.<i>.key`, `.value` `[B,N,T,D]`, those of the new tokens alone.
 */
export function decoderGraph(model: ModelShape, { adapters }: EncoderDecoderInference = {}): Graph {
  const { numHeads: N, headDim: D, hiddenSize: H } = model.spec
  const g = new GraphBuilder('decoder')
  const hooks = hooksOf(g, adapters, 'B')
  const kept =
    (name: string, columns: 'C' | 'S', layer: number) =>
    (half: 'key' | 'value'): Value =>
      g.input(`${name}.${layer}.${half}`, 'float32', ['B', N, columns, D])
  const present: Record<'k' | 'v', Value>[] = []
  const hidden = decoderStack(g, model, layersWith(g, model, hooks), g.reshape(g.input('inputs_embeds', 'float32', ['B', 'T', H]), ['B*T', H]), {
    B: 'B',
    U: 'T',
    seen: g.input('encoder_attention_bias', 'float32', ['B', 1, 1, 'S']),
    bias: g.input('attention_bias', 'float32', ['B', 1, 'T', 'C+T']),
    buckets: g.input('decoder_buckets', 'int64', ['B', 'T', 'C+T']),
    self: (layer, k, v) => {
      const past = kept('past_key_values', 'C', layer)
      present[layer] = { k, v }
      return { k: g.concat([past('key'), k], 2), v: g.concat([past('value'), v], 2) }
    },
    keyBias: (layer) => {
      const biases = hooks.keyBias(layer)
      return biases && overSlots(g, biases, 'C+T')
    },
    cross: (layer) => {
      const of = kept('cross', 'S', layer)
      return { k: of('key'), v: of('value') }
    },
    extra: hooks.attentionExtra,
    residual: hooks.residual,
  })
  g.output('logits', frozen(g, model, hooks).logits(hidden))
  present.forEach(({ k, v }, layer) => {
    g.output(`present.${layer}.key`, k)
    g.output(`present.${layer}.value`, v)
  })
  return g.build()
}

const hooksOf = (g: GraphBuilder, adapters: SlotInputs | undefined, rows: Dim): AdapterHooks =>
  adapterHooks(g, [{ rows, adapters: adapters ? [slots(g, adapters)] : [] }])

/** The base's weights, and its linear layers with what adapters do to them. */
const layersWith = (g: GraphBuilder, model: ModelShape, hooks: AdapterHooks): Layers => {
  const { weight, linear } = frozen(g, model, hooks)
  return { weight, linear: (x, module, layer) => hooks.linear(module, x, (rows) => linear(rows, module, layer)) }
}
