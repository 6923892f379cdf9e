import type { GraphBuilder, Value } from '@weft/graph'
import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { unsupportedConfig } from '../../errors.ts'
import type { RopeScaling } from '../../layout/rotary.ts'
import type { Architecture, Lowering } from '../architecture.ts'
import { type Activation, activate, activationOf } from '../blocks/activation.ts'
import { type DecoderSizes, decoderSizes, decoderSizesSchema, size } from '../blocks/decoder-config.ts'
import {
  BARE_EMBEDDING,
  decoderAlias,
  decoderLayers,
  decoderProjections,
  EMBEDDING,
  FINAL_NORM,
  ignoredByDecoders,
  LM_HEAD,
} from '../blocks/decoder-modules.ts'
import { type DecoderWeights, decoderOutput, decoderSpec, decoderWeights } from '../blocks/decoder-spec.ts'
import { ropeScaling, ropeSchema, ropeSettings, scaledPositions } from '../blocks/rope-settings.ts'
import { layerTypes, narrowestOf, windowsOf } from '../blocks/sliding-window.ts'
import { decoderHeadAsStored } from '../blocks/tied-lm-head.ts'

/** What it leaves out is transformers' default. */
const schema = decoderSizesSchema.extend({
  num_key_value_heads: size.default(4),
  head_dim: size.default(256),
  hidden_activation: z.string().default('gelu_pytorch_tanh'),
  max_position_embeddings: size.default(131_072),
  tie_word_embeddings: z.boolean().default(true),
  query_pre_attn_scalar: z.number().positive().default(256),
  sliding_window: size.nullable().default(4096),
  sliding_window_pattern: size.default(6), // transformers 4; layer_types says it in 5
  layer_types: layerTypes,
  rope_theta: z.number().positive().default(1_000_000), // this and the two below: transformers 4
  rope_local_base_freq: z.number().positive().default(10_000),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: z.strictObject({ full_attention: ropeSchema.nullish(), sliding_attention: ropeSchema.nullish() }).nullish(), // transformers 5
  final_logit_softcapping: z.number().nullish(),
  attn_logit_softcapping: z.number().nullish(),
  use_bidirectional_attention: z.boolean().nullish(),
})

/** Which rotary table a layer uses; the sliding ones are those that may have a window. */
type LayerType = 'full_attention' | 'sliding_attention'

export interface Gemma3Config extends DecoderSizes {
  activation: Activation
  /** Attention's scores are divided by its root. */
  queryPreAttnScalar: number
  layerTypes: LayerType[]
  /** Of the sliding layers; null where it is as wide as the context. */
  slidingWindow: number | null
  rope: Record<LayerType, { theta: number; scaling: RopeScaling }>
  /** Of token embeddings: √H, rounded as the checkpoint's weights are. */
  embeddingScale: number
}

/**
 * Gemma 3, its text model (Gemma Team 2025): alternating sliding and full layers, each kind with a rotary base of its own; an RMSNorm of 1 + w before
 * and after both halves of a block, and over each head of queries and keys; scaled embeddings, GELU gates, a tied head.
 */
export const gemma3: Architecture<Gemma3Config> = {
  modelTypes: ['gemma3_text'],
  config(json, where = 'config.json') {
    const c = parseWith(schema, json, where)
    for (const option of ['final_logit_softcapping', 'attn_logit_softcapping'] as const)
      if (c[option] != null) throw unsupportedConfig(option, c[option], 'null')
    if (c.use_bidirectional_attention) throw unsupportedConfig('use_bidirectional_attention', true, 'false')
    const full = ropeSettings(c.rope_scaling, c.rope_parameters?.full_attention, where)
    const sliding = c.rope_parameters?.sliding_attention ?? undefined
    const own = decoderSizes(c, where)
    for (const settings of [full, sliding]) {
      // transformers reads it elsewhere for this model, where it never is
      if (settings?.truncate === false) throw unsupportedConfig('truncate', false, 'true')
      // The context would end where that of one kind of layers does.
      if ((settings?.rope_type ?? settings?.type) === 'longrope')
        throw unsupportedConfig('rope_type', 'longrope', '"default", "linear", "llama3", "yarn", "dynamic"')
    }
    const scaled = { rotaryDim: own.headDim, maxPositions: own.maxPositions }
    const scaling = ropeScaling(full, where, scaled)
    const sizes = { ...own, maxPositions: scaledPositions(own.maxPositions, scaling) }
    // Types are by the layer's name; a window as wide as the context hides nothing, and the layer keeps its rotary base.
    const slides = windowsOf(c.layer_types, c.num_hidden_layers, c.sliding_window ?? sizes.maxPositions, (i) => (i + 1) % c.sliding_window_pattern > 0, where)
    return {
      ...sizes,
      activation: activationOf('hidden_activation', c.hidden_activation),
      queryPreAttnScalar: c.query_pre_attn_scalar,
      layerTypes: slides.map((window): LayerType => (window === null ? 'full_attention' : 'sliding_attention')),
      slidingWindow: c.sliding_window !== null && c.sliding_window < sizes.maxPositions ? c.sliding_window : null,
      rope: {
        full_attention: { theta: full?.rope_theta ?? c.rope_theta, scaling },
        sliding_attention: { theta: sliding?.rope_theta ?? c.rope_local_base_freq, scaling: ropeScaling(sliding, where, scaled) },
      },
      embeddingScale: Math.fround(Math.sqrt(c.hidden_size)),
    }
  },
  withTensors: (c, tensors) => ({
    ...decoderHeadAsStored(c, tensors, { lmHead: LM_HEAD, embedding: EMBEDDING, bareEmbedding: BARE_EMBEDDING }),
    embeddingScale: roundedAs(tensors.dtypeOf(EMBEDDING), c.embeddingScale),
  }),
  spec: (c) => ({ ...decoderSpec('gemma3_text', c, ownWeights, ['SEQ_CLS']), ...narrowestOf(c.layerTypes.map((type) => windowOf(c, type))) }),
  weights: (c) => decoderWeights(c, ownWeights),
  startsAtZero: (name) => /norm\.weight$/.test(name),
  aliases: (_, name) => decoderAlias(name),
  ignored: ignoredByDecoders,
  attention: (c) => ({
    kind: 'decoder',
    rotary: Object.fromEntries([...new Set(c.layerTypes)].map((type) => [type, { headDim: c.headDim, ...c.rope[type] }])),
    windows: [...new Set(c.layerTypes.map((type) => windowOf(c, type)))],
  }),
  embedding: () => EMBEDDING,
  finalNorm: () => `${FINAL_NORM}.weight`,
  embeddingScale: (c) => c.embeddingScale,
  outputProjection: decoderOutput,
  forward,
}

const windowOf = (c: Gemma3Config, type: LayerType): number | null => (type === 'sliding_attention' ? c.slidingWindow : null)

/** A float32 in a narrower type's precision: transformers multiplies by a factor of the weights' own type. */
function roundedAs(dtype: string | undefined, value: number): number {
  const bits = dtype === 'BF16' ? 16 : dtype === 'F16' ? 13 : 0 // of the fraction's 23, those lost
  const float = Float32Array.of(value)
  const [word] = new Uint32Array(float.buffer)
  const half = 1 << (bits - 1)
  const even = (word >>> bits) & 1 // ties go to the even neighbour
  if (bits > 0) new Uint32Array(float.buffer)[0] = ((word + half - 1 + even) >>> bits) << bits
  return float[0]
}

const norms = ['input_layernorm', 'post_attention_layernorm', 'pre_feedforward_layernorm', 'post_feedforward_layernorm']
const ownWeights: DecoderWeights = { norms, headNorm: 'each' }

/** x += norm(attention(norm(x))); x += norm(down(gelu(gate(norm(x))) * up(norm(x)))). Rows are kept 2-D, `[M, H]`. */
function forward(g: GraphBuilder, c: Gemma3Config, lowering: Lowering, x: Value): Value {
  const linears = new Map(decoderProjections(c).map(([name, out, input, bias]) => [name, { in: input, out, bias }]))
  const linear = (rows: Value, at: string, name: string): Value => lowering.linear(rows, `${at}.${name}`, linears.get(name)!)
  const norm = (rows: Value, name: string): Value =>
    g.scope(name, () => g.rmsNormalization(rows, g.add(lowering.weight(`${name}.weight`, rows.shape.slice(-1) as number[]), 1), { epsilon: c.rmsNormEps }))
  const headNorm = (rows: Value, heads: number, name: string): Value => {
    const [M] = rows.shape
    return g.reshape(norm(g.reshape(rows, [M, heads, c.headDim]), name), [M, heads * c.headDim])
  }

  const attention = (rows: Value, layer: number, at: string): Value => {
    const q = headNorm(linear(lowering.answered(layer, rows), at, 'self_attn.q_proj'), c.numHeads, `${at}.self_attn.q_norm`)
    const k = headNorm(linear(rows, at, 'self_attn.k_proj'), c.numKeyValueHeads, `${at}.self_attn.k_norm`)
    const v = linear(rows, at, 'self_attn.v_proj')
    const type = c.layerTypes[layer]
    const mixed = g.scope(`${at}.self_attn.attention`, () =>
      lowering.attention(layer, q, k, v, { window: windowOf(c, type), rotary: type, scale: c.queryPreAttnScalar ** -0.5 }),
    )
    return linear(mixed, at, 'self_attn.o_proj')
  }
  const feedForward = (rows: Value, at: string): Value => {
    const gate = linear(rows, at, 'mlp.gate_proj')
    const up = linear(rows, at, 'mlp.up_proj')
    const inner = g.scope(`${at}.mlp`, () => g.mul(activate(g, c.activation, gate), up))
    return linear(inner, at, 'mlp.down_proj')
  }

  for (const [layer, at] of decoderLayers(c).entries()) {
    const [before, after, beforeFeed, afterFeed] = norms.map((name) => `${at}.${name}`)
    x = g.add(lowering.answered(layer, x), norm(attention(norm(x, before), layer, at), after))
    x = lowering.residual(layer, g.add(x, norm(feedForward(norm(x, beforeFeed), at), afterFeed)))
  }
  return norm(x, FINAL_NORM)
}
