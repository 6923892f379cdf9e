import { z } from 'zod'
import type { GraphBuilder, Value } from '@weft/graph'
import type { Architecture, Lowering } from './architecture.ts'
import { parseWith } from './config.ts'
import { invalidConfig, unsupportedConfig } from './errors.ts'
import type { RopeScaling } from './rotary.ts'

const size = z.int('a whole number expected').positive()

const rope = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),               // transformers before 4.43
  rope_theta: z.number().positive().optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: size.optional(),
})

const schema = z.looseObject({
  model_type: z.string(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  hidden_act: z.string().default('silu'),
  max_position_embeddings: size,
  rms_norm_eps: z.number().positive().default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  vocab_size: size,
  initializer_range: z.number().positive().default(0.02),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: rope.nullish(),              // transformers 4
  rope_parameters: rope.nullish(),           // transformers 5
})

export interface LlamaConfig {
  hiddenSize: number
  intermediateSize: number
  numLayers: number
  numHeads: number
  numKeyValueHeads: number
  headDim: number
  vocabSize: number
  maxPositions: number
  rmsNormEps: number
  tieWordEmbeddings: boolean
  attentionBias: boolean
  mlpBias: boolean
  initializerRange: number
  ropeTheta: number
  ropeScaling: RopeScaling
}

function readConfig(json: unknown, where = 'config.json'): LlamaConfig {
  const c = parseWith(schema, json, where)
  if (c.hidden_act !== 'silu') throw unsupportedConfig('hidden_act', c.hidden_act, '"silu"')
  const numKeyValueHeads = c.num_key_value_heads ?? c.num_attention_heads
  const headDim = c.head_dim ?? c.hidden_size / c.num_attention_heads
  if (!Number.isInteger(headDim) || headDim % 2) {
    throw invalidConfig(where, `head_dim is ${headDim}; an even whole number is expected (hidden_size / num_attention_heads where it is not given).`)
  }
  if (c.num_attention_heads % numKeyValueHeads) {
    throw invalidConfig(where, `num_attention_heads ${c.num_attention_heads} is no multiple of num_key_value_heads ${numKeyValueHeads}.`)
  }
  const parameters = c.rope_parameters ?? c.rope_scaling ?? undefined
  return {
    hiddenSize: c.hidden_size, intermediateSize: c.intermediate_size, numLayers: c.num_hidden_layers,
    numHeads: c.num_attention_heads, numKeyValueHeads, headDim, vocabSize: c.vocab_size, maxPositions: c.max_position_embeddings,
    rmsNormEps: c.rms_norm_eps, tieWordEmbeddings: c.tie_word_embeddings, attentionBias: c.attention_bias, mlpBias: c.mlp_bias,
    initializerRange: c.initializer_range,
    ropeTheta: parameters?.rope_theta ?? c.rope_theta ?? 10_000,
    ropeScaling: ropeScaling(parameters, where),
  }
}

function ropeScaling(parameters: z.infer<typeof rope> | undefined, where: string): RopeScaling {
  const ropeType = parameters?.rope_type ?? parameters?.type ?? 'default'
  const need = (option: keyof z.infer<typeof rope>): number => {
    const value = parameters?.[option]
    if (typeof value !== 'number') throw invalidConfig(where, `rope_type "${ropeType}" needs ${option}.`)
    return value
  }
  if (ropeType === 'default') return { ropeType }
  if (ropeType === 'linear') return { ropeType, factor: need('factor') }
  if (ropeType === 'llama3') {
    return {
      ropeType, factor: need('factor'), lowFreqFactor: need('low_freq_factor'), highFreqFactor: need('high_freq_factor'),
      originalMaxPositions: need('original_max_position_embeddings'),
    }
  }
  throw unsupportedConfig('rope_type', ropeType, '"default", "linear", "llama3"')
}

const EMBEDDING = 'model.embed_tokens.weight'
const HEAD = 'lm_head.weight'

function weights(c: LlamaConfig): Record<string, number[]> {
  const shapes: Record<string, number[]> = { [EMBEDDING]: [c.vocabSize, c.hiddenSize] }
  for (let layer = 0; layer < c.numLayers; layer++) {
    for (const [name, out, input, bias] of projections(c)) {
      shapes[`model.layers.${layer}.${name}.weight`] = [out, input]
      if (bias) shapes[`model.layers.${layer}.${name}.bias`] = [out]
    }
    shapes[`model.layers.${layer}.input_layernorm.weight`] = [c.hiddenSize]
    shapes[`model.layers.${layer}.post_attention_layernorm.weight`] = [c.hiddenSize]
  }
  shapes['model.norm.weight'] = [c.hiddenSize]
  if (!c.tieWordEmbeddings) shapes[HEAD] = [c.vocabSize, c.hiddenSize]
  return shapes
}

const projections = (c: LlamaConfig): [name: string, out: number, input: number, bias: boolean][] => [
  ['self_attn.q_proj', c.numHeads * c.headDim, c.hiddenSize, c.attentionBias],
  ['self_attn.k_proj', c.numKeyValueHeads * c.headDim, c.hiddenSize, c.attentionBias],
  ['self_attn.v_proj', c.numKeyValueHeads * c.headDim, c.hiddenSize, c.attentionBias],
  ['self_attn.o_proj', c.hiddenSize, c.numHeads * c.headDim, c.attentionBias],
  ['mlp.gate_proj', c.intermediateSize, c.hiddenSize, c.mlpBias],
  ['mlp.up_proj', c.intermediateSize, c.hiddenSize, c.mlpBias],
  ['mlp.down_proj', c.hiddenSize, c.intermediateSize, c.mlpBias],
]

/** Pre-norm decoder: x += attention(norm(x)); x += down(silu(gate(norm(x))) * up(norm(x))). Rows are kept 2-D, `[M, H]`. */
function forward(g: GraphBuilder, c: LlamaConfig, lowering: Lowering, x: Value): Value {
  const shapes = weights(c)
  const weight = (name: string): Value => lowering.weight(name, shapes[name])
  const norm = (rows: Value, name: string): Value => g.rmsNormalization(rows, weight(`${name}.weight`), { epsilon: c.rmsNormEps })
  // Checkpoints keep [out, in]: transB multiplies by them as they lie in the file.
  const linear = (rows: Value, name: string): Value => g.scope(name, () =>
    g.gemm(rows, weight(`${name}.weight`), { transB: true, ...(shapes[`${name}.bias`] && { c: weight(`${name}.bias`) }) }))

  const attention = (rows: Value, layer: number, at: string): Value => {
    const q = linear(rows, `${at}.q_proj`)
    const k = linear(rows, `${at}.k_proj`)
    const v = linear(rows, `${at}.v_proj`)
    return linear(g.scope(`${at}.attention`, () => lowering.attention(layer, q, k, v)), `${at}.o_proj`)
  }
  const mlp = (rows: Value, at: string): Value => {
    const gate = linear(rows, `${at}.gate_proj`)
    const up = linear(rows, `${at}.up_proj`)
    return linear(g.scope(at, () => g.swiGlu(gate, up)), `${at}.down_proj`)
  }

  for (let layer = 0; layer < c.numLayers; layer++) {
    const at = `model.layers.${layer}`
    x = g.add(x, attention(norm(x, `${at}.input_layernorm`), layer, `${at}.self_attn`))
    x = g.add(x, mlp(norm(x, `${at}.post_attention_layernorm`), `${at}.mlp`))
  }
  return norm(x, 'model.norm')
}

/** Llama (Touvron et al. 2023): RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied or untied head. */
export const llama: Architecture<LlamaConfig> = {
  modelTypes: ['llama'],
  config: readConfig,
  spec: (c) => ({
    architecture: 'llama', hiddenSize: c.hiddenSize, intermediateSize: c.intermediateSize, numLayers: c.numLayers,
    numHeads: c.numHeads, numKeyValueHeads: c.numKeyValueHeads, headDim: c.headDim, vocabSize: c.vocabSize,
    maxPositions: c.maxPositions, weights: weights(c),
  }),
  weights,
  // A tied head is often stored twice; rotary tables are computed; a classifier on top is not the base model's.
  ignored: (c, name) => (name === HEAD && c.tieWordEmbeddings) || name.endsWith('.rotary_emb.inv_freq') || name === 'score.weight',
  rotary: (c) => ({ headDim: c.headDim, theta: c.ropeTheta, scaling: c.ropeScaling }),
  embedding: () => EMBEDDING,
  head: (c) => (c.tieWordEmbeddings ? EMBEDDING : HEAD),
  forward,
}
