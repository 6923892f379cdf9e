import type { GraphBuilder, Value } from '@weft/graph'
import type { Architecture, Lowering } from '../architecture.ts'
import type { DecoderConfig } from './decoder-config.ts'
import { decoderLayers, decoderModules, decoderProjections, decoderRoles, EMBEDDING, ignoredByDecoders, LM_HEAD } from './decoder-modules.ts'
import { untiedWhereStored } from './tied-lm-head.ts'

/** What tells one pre-norm decoder from another. */
export interface DecoderDefinition {
  /** config.json's `model_type`. */
  modelType: string
  config(json: unknown, where?: string): DecoderConfig
  /** Whether attention's output projection has a bias; as the others when absent. */
  outputBias?: boolean
  /** RMSNorm over each head of queries and keys, before rotation; weights `[D]` shared by the heads. */
  headNorm?: boolean
}

/** A decoder of RMSNorm, rotary positions, grouped-query attention and SwiGLU, with a tied or untied head. */
export function decoder(definition: DecoderDefinition): Architecture<DecoderConfig> {
  const weights = (c: DecoderConfig): Record<string, number[]> => weightsOf(definition, c)
  return {
    modelTypes: [definition.modelType],
    config: definition.config,
    withTensors: (c, stored) => untiedWhereStored(c, stored, LM_HEAD, EMBEDDING),
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
      modules: decoderModules(c, definition.outputBias),
      roles: decoderRoles,
      tasks: c.headless ? ['SEQ_CLS', 'TOKEN_CLS'] : ['CAUSAL_LM', 'SEQ_CLS', 'TOKEN_CLS'],
      classifier: { module: 'score', bias: false, dense: false },
    }),
    weights,
    ignored: ignoredByDecoders,
    attention: (c) => ({
      kind: 'decoder',
      rotary: { default: { headDim: c.headDim, theta: c.ropeTheta, scaling: c.ropeScaling } },
      windows: c.layerWindows ? [...new Set(c.layerWindows)] : [null],
    }),
    sharedInputs: (c) => decoderLayers(c).flatMap((at) => [ATTENTION_INPUTS, FEED_FORWARD_INPUTS].map((names) => names.map((name) => `${at}.${name}`))),
    embedding: () => EMBEDDING,
    outputProjection: (c) => (hasLmHead(c) ? LM_HEAD : EMBEDDING),
    forward: (g, c, lowering, x) => forward(g, definition, c, lowering, x),
  }
}

const ATTENTION_INPUTS = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj']
const FEED_FORWARD_INPUTS = ['mlp.gate_proj', 'mlp.up_proj']

const hasLmHead = (c: DecoderConfig): boolean => !c.tieWordEmbeddings && !c.headless

function weightsOf(definition: DecoderDefinition, c: DecoderConfig): Record<string, number[]> {
  const shapes: Record<string, number[]> = { [EMBEDDING]: [c.vocabSize, c.hiddenSize] }
  for (const at of decoderLayers(c)) {
    for (const [name, out, input, bias] of decoderProjections(c, definition.outputBias)) {
      shapes[`${at}.${name}.weight`] = [out, input]
      if (bias) shapes[`${at}.${name}.bias`] = [out]
    }
    if (definition.headNorm) for (const half of ['q', 'k']) shapes[`${at}.self_attn.${half}_norm.weight`] = [c.headDim]
    shapes[`${at}.input_layernorm.weight`] = [c.hiddenSize]
    shapes[`${at}.post_attention_layernorm.weight`] = [c.hiddenSize]
  }
  shapes['model.norm.weight'] = [c.hiddenSize]
  if (hasLmHead(c)) shapes[LM_HEAD] = [c.vocabSize, c.hiddenSize]
  return shapes
}

/** x += attention(norm(x)); x += down(silu(gate(norm(x))) * up(norm(x))). Rows are kept 2-D, `[M, H]`. */
function forward(g: GraphBuilder, definition: DecoderDefinition, c: DecoderConfig, lowering: Lowering, x: Value): Value {
  const shapes = weightsOf(definition, c)
  const layers = new Map(decoderProjections(c, definition.outputBias).map(([name, out, input, bias]) => [name, { in: input, out, bias }]))
  const weight = (name: string): Value => lowering.weight(name, shapes[name])
  const norm = (rows: Value, name: string): Value => g.rmsNormalization(rows, weight(`${name}.weight`), { epsilon: c.rmsNormEps })
  const linears = (rows: Value, at: string, names: readonly string[]): Value[] =>
    lowering.linears(
      rows,
      names.map((name) => ({ module: `${at}.${name}`, layer: layers.get(name)! })),
    )
  const linear = (rows: Value, at: string, name: string): Value => lowering.linear(rows, `${at}.${name}`, layers.get(name)!)
  // Each head is a row of its own for its norm; a model without the weight has no such norm.
  const headNorm = (rows: Value, heads: number, name: string): Value => {
    if (!shapes[`${name}.weight`]) return rows
    const [M] = rows.shape
    return g.scope(name, () => g.reshape(norm(g.reshape(rows, [M, heads, c.headDim]), name), [M, heads * c.headDim]))
  }

  const attention = (rows: Value, layer: number, at: string): Value => {
    const answered = lowering.answered(layer, rows)
    const [query, ...keyValue] = ATTENTION_INPUTS
    const [queries, keys, v] = answered === rows ? linears(rows, at, ATTENTION_INPUTS) : [linear(answered, at, query), ...linears(rows, at, keyValue)]
    const q = headNorm(queries, c.numHeads, `${at}.self_attn.q_norm`)
    const k = headNorm(keys, c.numKeyValueHeads, `${at}.self_attn.k_norm`)
    return linear(
      g.scope(`${at}.self_attn.attention`, () => lowering.attention(layer, q, k, v, { rotary: 'default', window: c.layerWindows?.[layer] })),
      at,
      'self_attn.o_proj',
    )
  }
  const mlp = (rows: Value, at: string): Value => {
    const [gate, up] = linears(rows, at, FEED_FORWARD_INPUTS)
    return linear(
      g.scope(`${at}.mlp`, () => g.swiGlu(gate, up)),
      at,
      'mlp.down_proj',
    )
  }

  for (const [layer, at] of decoderLayers(c).entries()) {
    x = g.add(lowering.answered(layer, x), attention(norm(x, `${at}.input_layernorm`), layer, at))
    x = lowering.residual(layer, g.add(x, mlp(norm(x, `${at}.post_attention_layernorm`), at)))
  }
  return norm(x, 'model.norm')
}
