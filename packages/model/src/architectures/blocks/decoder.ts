import type { GraphBuilder, Value } from '@weft/graph'
import type { Architecture, Lowering } from '../architecture.ts'
import type { DecoderConfig } from './decoder-config.ts'

const EMBEDDING = 'model.embed_tokens.weight'
const HEAD = 'lm_head.weight'

/** What tells one pre-norm decoder from another. */
export interface DecoderDefinition {
  /** config.json's `model_type`. */
  modelType: string
  config(json: unknown, where?: string): DecoderConfig
  /** Whether attention's output projection has a bias; as the others when absent. */
  outputBias?: boolean
  /** RMSNorm over each head of queries and keys, before rotation; weights `[D]` shared by the heads. */
  headNorm?: boolean
  /** What IA³ scales in attention by default, in PEFT's table; keys and values when absent. */
  ia3?: string[]
}

/** A decoder of RMSNorm, rotary positions, grouped-query attention and SwiGLU, with a tied or untied head. */
export function decoder(definition: DecoderDefinition): Architecture<DecoderConfig> {
  const weights = (c: DecoderConfig): Record<string, number[]> => weightsOf(definition, c)
  return {
    modelTypes: [definition.modelType],
    config: definition.config,
    spec: (c) => ({
      architecture: definition.modelType,
      hiddenSize: c.hiddenSize,
      intermediateSize: c.intermediateSize,
      numLayers: c.numLayers,
      numHeads: c.numHeads,
      numKeyValueHeads: c.numKeyValueHeads,
      headDim: c.headDim,
      vocabSize: c.vocabSize,
      maxPositions: c.maxPositions,
      weights: weights(c),
      modules: Object.fromEntries(layers(c).flatMap((layer) => projections(definition, c).map(([name, out, input]) => [`${layer}.${name}`, [out, input]]))),
      targets: { lora: ['q_proj', 'v_proj'], ia3: [...(definition.ia3 ?? ['k_proj', 'v_proj']), 'down_proj'], feedforward: ['down_proj'] },
      tasks: c.headless ? ['SEQ_CLS', 'TOKEN_CLS'] : ['CAUSAL_LM', 'SEQ_CLS', 'TOKEN_CLS'],
      classifier: { module: 'score', bias: false, dense: false },
    }),
    weights,
    // A tied head is often stored twice; rotary tables are computed; a classifier on top is not the base model's.
    ignored: (c, name) => (name === HEAD && c.tieWordEmbeddings) || name.endsWith('.rotary_emb.inv_freq') || /^score\.(weight|bias)$/.test(name),
    attention: (c) => ({
      kind: 'decoder',
      rotary: { default: { headDim: c.headDim, theta: c.ropeTheta, scaling: c.ropeScaling } },
      windows: c.layerWindows ? [...new Set(c.layerWindows)] : [null],
    }),
    embedding: () => EMBEDDING,
    head: (c) => (hasHead(c) ? HEAD : EMBEDDING),
    forward: (g, c, lowering, x) => forward(g, definition, c, lowering, x),
  }
}

const hasHead = (c: DecoderConfig): boolean => !c.tieWordEmbeddings && !c.headless

const layers = (c: DecoderConfig): string[] => Array.from({ length: c.numLayers }, (_, layer) => `model.layers.${layer}`)

function weightsOf(definition: DecoderDefinition, c: DecoderConfig): Record<string, number[]> {
  const shapes: Record<string, number[]> = { [EMBEDDING]: [c.vocabSize, c.hiddenSize] }
  for (const at of layers(c)) {
    for (const [name, out, input, bias] of projections(definition, c)) {
      shapes[`${at}.${name}.weight`] = [out, input]
      if (bias) shapes[`${at}.${name}.bias`] = [out]
    }
    if (definition.headNorm) for (const half of ['q', 'k']) shapes[`${at}.self_attn.${half}_norm.weight`] = [c.headDim]
    shapes[`${at}.input_layernorm.weight`] = [c.hiddenSize]
    shapes[`${at}.post_attention_layernorm.weight`] = [c.hiddenSize]
  }
  shapes['model.norm.weight'] = [c.hiddenSize]
  if (hasHead(c)) shapes[HEAD] = [c.vocabSize, c.hiddenSize]
  return shapes
}

const projections = ({ outputBias }: DecoderDefinition, c: DecoderConfig): [name: string, out: number, input: number, bias: boolean][] => [
  ['self_attn.q_proj', c.numHeads * c.headDim, c.hiddenSize, c.attentionBias],
  ['self_attn.k_proj', c.numKeyValueHeads * c.headDim, c.hiddenSize, c.attentionBias],
  ['self_attn.v_proj', c.numKeyValueHeads * c.headDim, c.hiddenSize, c.attentionBias],
  ['self_attn.o_proj', c.hiddenSize, c.numHeads * c.headDim, outputBias ?? c.attentionBias],
  ['mlp.gate_proj', c.intermediateSize, c.hiddenSize, c.mlpBias],
  ['mlp.up_proj', c.intermediateSize, c.hiddenSize, c.mlpBias],
  ['mlp.down_proj', c.hiddenSize, c.intermediateSize, c.mlpBias],
]

/** x += attention(norm(x)); x += down(silu(gate(norm(x))) * up(norm(x))). Rows are kept 2-D, `[M, H]`. */
function forward(g: GraphBuilder, definition: DecoderDefinition, c: DecoderConfig, lowering: Lowering, x: Value): Value {
  const shapes = weightsOf(definition, c)
  const linears = new Map(projections(definition, c).map(([name, out, input, bias]) => [name, { in: input, out, bias }]))
  const weight = (name: string): Value => lowering.weight(name, shapes[name])
  const norm = (rows: Value, name: string): Value => g.rmsNormalization(rows, weight(`${name}.weight`), { epsilon: c.rmsNormEps })
  const linear = (rows: Value, at: string, name: string): Value => lowering.linear(rows, `${at}.${name}`, linears.get(name)!)
  // Each head is a row of its own for its norm; a model without the weight has no such norm.
  const headNorm = (rows: Value, heads: number, name: string): Value => {
    if (!shapes[`${name}.weight`]) return rows
    const [M] = rows.shape
    return g.scope(name, () => g.reshape(norm(g.reshape(rows, [M, heads, c.headDim]), name), [M, heads * c.headDim]))
  }

  const attention = (rows: Value, layer: number, at: string): Value => {
    const q = headNorm(linear(rows, at, 'self_attn.q_proj'), c.numHeads, `${at}.self_attn.q_norm`)
    const k = headNorm(linear(rows, at, 'self_attn.k_proj'), c.numKeyValueHeads, `${at}.self_attn.k_norm`)
    const v = linear(rows, at, 'self_attn.v_proj')
    return linear(
      g.scope(`${at}.self_attn.attention`, () => lowering.attention(layer, q, k, v, { rotary: 'default', window: c.layerWindows?.[layer] })),
      at,
      'self_attn.o_proj',
    )
  }
  const mlp = (rows: Value, at: string): Value => {
    const gate = linear(rows, at, 'mlp.gate_proj')
    const up = linear(rows, at, 'mlp.up_proj')
    return linear(
      g.scope(`${at}.mlp`, () => g.swiGlu(gate, up)),
      at,
      'mlp.down_proj',
    )
  }

  for (const [layer, at] of layers(c).entries()) {
    x = g.add(x, attention(norm(x, `${at}.input_layernorm`), layer, at))
    x = g.add(x, mlp(norm(x, `${at}.post_attention_layernorm`), at))
  }
  return norm(x, 'model.norm')
}
