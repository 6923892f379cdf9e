import { type Graph, GraphBuilder, type Value } from '@weft/graph'
import type { ModelShape } from '../architectures/architecture.ts'
import { crossHeads, decoderStack, encoderStack, type Layers } from './encoder-decoder.ts'
import { type LayerInputs, type LayerSites, layerSites } from './layer-sites.ts'
import { applyLinear } from './linear.ts'

export interface EncoderDecoderInference {
  /** Adds the inputs of sites that act inside layers, shared by all rows. */
  layers?: LayerInputs
}

/**
 * The encoder, run once a prompt, up to what the decoder's layers see of it.
 *
 * | input | shape |
 * |---|---|
 * | `inputs_embeds` | `[1,S,H]`: composed rows, then the prompt's tokens |
 * | `encoder_attention_bias` | `[1,1,1,S]`: log strengths of the rows |
 * | `encoder_buckets` | `[1,S,S]` int64 |
 * | `linear.…`, `scale.…` | as `LayerInputs` says, only with `layers` |
 *
 * Outputs: `cross.<i>.key`, `.value` `[1,N,S,D]` of every decoder layer.
 */
export function encoderGraph(model: ModelShape, { layers }: EncoderDecoderInference = {}): Graph {
  const { spec } = model
  const g = new GraphBuilder('encoder')
  const acting = layersWith(g, layers && layerSites(g, spec, layers))
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
 * The decoder over T new tokens and C slots of what came before, prefixes included: the host keeps those, and masks the slots that are not
 * in use.
 *
 * | input | shape |
 * |---|---|
 * | `inputs_embeds` | `[1,T,H]` |
 * | `past_key_values.<i>.key`, `.value` | `[1,N,C,D]` |
 * | `cross.<i>.key`, `.value` | `[1,N,S,D]`, as the encoder gave them |
 * | `encoder_attention_bias` | `[1,1,1,S]`, as the encoder was given it |
 * | `attention_bias` | `[1,1,T,C+T]`: unused slots, causality, log strengths |
 * | `decoder_buckets` | `[1,T,C+T]` int64 |
 * | `linear.…`, `scale.…`, `gated…` | as `LayerInputs` says, only with `layers` |
 *
 * Outputs: `logits [T,V]`; `present.<i>.key`, `.value` `[1,N,T,D]`, those of the new tokens alone.
 */
export function decoderGraph(model: ModelShape, { layers }: EncoderDecoderInference = {}): Graph {
  const {
    architecture,
    config,
    spec: { numHeads: N, headDim: D, hiddenSize: H, weights },
  } = model
  const g = new GraphBuilder('decoder')
  const sites = layers && layerSites(g, model.spec, layers)
  const kept =
    (name: string, columns: 'C' | 'S', layer: number) =>
    (half: 'key' | 'value'): Value =>
      g.input(`${name}.${layer}.${half}`, 'float32', [1, N, columns, D])
  const present: Record<'k' | 'v', Value>[] = []
  const hidden = decoderStack(g, model, layersWith(g, sites), g.reshape(g.input('inputs_embeds', 'float32', [1, 'T', H]), ['T', H]), {
    B: 1,
    U: 'T',
    seen: g.input('encoder_attention_bias', 'float32', [1, 1, 1, 'S']),
    bias: g.input('attention_bias', 'float32', [1, 1, 'T', 'C+T']),
    buckets: g.input('decoder_buckets', 'int64', [1, 'T', 'C+T']),
    self: (layer, k, v) => {
      const past = kept('past_key_values', 'C', layer)
      present[layer] = { k, v }
      return { k: g.concat([past('key'), k], 2), v: g.concat([past('value'), v], 2) }
    },
    cross: (layer) => {
      const of = kept('cross', 'S', layer)
      return { k: of('key'), v: of('value') }
    },
    gated: (layer, q) => (sites?.hasGated(layer) ? sites.gated(layer, q) : null),
  })
  const head = architecture.head(config)!
  g.output(
    'logits',
    g.scope('head', () => g.gemm(hidden, g.weight(head, weights[head]), { transB: true })),
  )
  present.forEach(({ k, v }, layer) => {
    g.output(`present.${layer}.key`, k)
    g.output(`present.${layer}.value`, v)
  })
  return g.build()
}

/** The base's weights, and its linear layers with what sites do to them. */
function layersWith(g: GraphBuilder, sites: LayerSites | undefined): Layers {
  const weight: Layers['weight'] = (name, shape) => g.weight(name, shape)
  return {
    weight,
    linear: (x, module, layer) => {
      const apply = (rows: Value): Value => applyLinear(g, { weight }, rows, module, layer)
      return sites ? sites.linear(module, x, apply) : apply(x)
    },
  }
}
