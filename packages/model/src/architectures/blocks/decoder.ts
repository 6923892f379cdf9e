import type { ModelSpec } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import type { Architecture, Lowering } from '../architecture.ts'
import type { DecoderConfig } from './decoder-config.ts'
import {
  BARE_EMBEDDING,
  decoderAlias,
  decoderLayers,
  decoderProjections,
  EMBEDDING,
  FINAL_NORM,
  ignoredByDecoders,
  LM_HEAD,
  queryKeyValueWidths,
} from './decoder-modules.ts'
import { type DecoderWeights, decoderOutput, decoderSpec, decoderWeights } from './decoder-spec.ts'
import { narrowestOf } from './sliding-window.ts'
import { decoderHeadAsStored } from './tied-lm-head.ts'

/** What tells one decoder of this kind from another. Its `headNorm` is an RMSNorm before rotation. */
export interface DecoderDefinition extends Omit<DecoderWeights, 'norms'> {
  /** config.json's `model_type`. */
  modelType: string
  /** Where the norms of attention and of the feed-forward stand: before them when absent, or behind, on what they add to the stream. */
  norms?: 'before' | 'behind'
  config(json: unknown, where?: string): DecoderConfig
  /** What it is trained for beside generating: the classifiers that transformers has of it. Of texts and of words when absent. */
  tasks?: ModelSpec['tasks']
}

/** A decoder of RMSNorm, rotary positions, grouped-query attention and SwiGLU, with a tied or untied head. */
export function decoder(definition: DecoderDefinition): Architecture<DecoderConfig> {
  const ownWeights = { ...definition, norms: NORMS[definition.norms ?? 'before'] }
  return {
    modelTypes: [definition.modelType],
    config: definition.config,
    withTensors: (c, tensors) => decoderHeadAsStored(c, tensors, { lmHead: LM_HEAD, embedding: EMBEDDING, bareEmbedding: BARE_EMBEDDING }),
    spec: (c) => ({ ...decoderSpec(definition.modelType, c, ownWeights, definition.tasks ?? ['SEQ_CLS', 'TOKEN_CLS']), ...narrowestOf(c.layerWindows) }),
    weights: (c) => decoderWeights(c, ownWeights),
    aliases: (_, name) => decoderAlias(name),
    ignored: ignoredByDecoders,
    attention: (c) => ({
      kind: 'decoder',
      rotary: { default: { headDim: c.headDim, rotaryDim: c.rotaryDim, theta: c.ropeTheta, scaling: c.ropeScaling } },
      windows: c.layerWindows ? [...new Set(c.layerWindows)] : [null],
    }),
    ...(!definition.fused && { sharedInputs }),
    embedding: () => EMBEDDING,
    finalNorm: () => `${FINAL_NORM}.weight`,
    outputProjection: decoderOutput,
    logitScale: (c) => c.multipliers?.logits ?? 1,
    forward: (g, c, lowering, x) => forward(g, ownWeights, c, lowering, x, definition.norms === 'behind'),
  }
}

const ATTENTION_INPUTS = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj']
const FEED_FORWARD_INPUTS = ['mlp.gate_proj', 'mlp.up_proj']

/** Fused layers are one product as they are. */
const sharedInputs = (c: DecoderConfig): string[][] =>
  decoderLayers(c).flatMap((at) => [ATTENTION_INPUTS, FEED_FORWARD_INPUTS].map((names) => names.map((name) => `${at}.${name}`)))

const NORMS = {
  before: ['input_layernorm', 'post_attention_layernorm'],
  behind: ['post_attention_layernorm', 'post_feedforward_layernorm'],
}

/**
 * x += attention(norm(x)); x += down(silu(gate(norm(x))) * up(norm(x))), or with norms `behind` x += norm(attention(x)); x += norm(down(silu(gate(x)) * up(x))).
 * Rows are kept 2-D, `[M, H]`.
 */
function forward(g: GraphBuilder, ownWeights: DecoderWeights, c: DecoderConfig, lowering: Lowering, x: Value, behind: boolean): Value {
  const shapes = decoderWeights(c, ownWeights)
  const layers = new Map(decoderProjections(c, ownWeights).map(([name, out, input, bias]) => [name, { in: input, out, bias }]))
  const weight = (name: string): Value => lowering.weight(name, shapes[name])
  const norm = (rows: Value, name: string): Value => g.rmsNormalization(rows, weight(`${name}.weight`), { epsilon: c.rmsNormEps })
  const linears = (rows: Value, at: string, names: readonly string[]): Value[] =>
    lowering.linears(
      rows,
      names.map((name) => ({ module: `${at}.${name}`, layer: layers.get(name)! })),
    )
  const linear = (rows: Value, at: string, name: string): Value => lowering.linear(rows, `${at}.${name}`, layers.get(name)!)
  // Each head is a row of its own for its norm, or all are one.
  const headNorm = (rows: Value, heads: number, name: string): Value => {
    if (!ownWeights.headNorm) return rows
    if (ownWeights.headNorm === 'together') return norm(rows, name)
    const [M] = rows.shape
    return g.scope(name, () => g.reshape(norm(g.reshape(rows, [M, heads, c.headDim]), name), [M, heads * c.headDim]))
  }

  const queriesKeysValues = (rows: Value, layer: number, at: string): Value[] => {
    if (ownWeights.fused) {
      const [q, k, v] = g.split(linear(rows, at, 'self_attn.qkv_proj'), queryKeyValueWidths(c), 1)
      return [lowering.answered(layer, q), k, v]
    }
    const answered = lowering.answered(layer, rows)
    const [query, ...keyValue] = ATTENTION_INPUTS
    return answered === rows ? linears(rows, at, ATTENTION_INPUTS) : [linear(answered, at, query), ...linears(rows, at, keyValue)]
  }
  const attention = (rows: Value, layer: number, at: string): Value => {
    const [queries, keys, v] = queriesKeysValues(rows, layer, at)
    const q = headNorm(queries, c.numHeads, `${at}.self_attn.q_norm`)
    const k = headNorm(keys, c.numKeyValueHeads, `${at}.self_attn.k_norm`)
    const how = { window: c.layerWindows?.[layer], scale: c.multipliers?.attention, ...((c.rotatingLayers?.[layer] ?? true) && { rotary: 'default' }) }
    return linear(
      g.scope(`${at}.self_attn.attention`, () => lowering.attention(layer, q, k, v, how)),
      at,
      'self_attn.o_proj',
    )
  }
  const mlp = (rows: Value, at: string): Value => {
    const { intermediateSize: I } = c
    const [gate, up] = ownWeights.fused ? g.split(linear(rows, at, 'mlp.gate_up_proj'), [I, I], 1) : linears(rows, at, FEED_FORWARD_INPUTS)
    return linear(
      g.scope(`${at}.mlp`, () => g.swiGlu(gate, up)),
      at,
      'mlp.down_proj',
    )
  }

  const times = (rows: Value, factor = 1): Value => (factor === 1 ? rows : g.mul(rows, factor))
  const added = (rows: Value, name: string, half: (rows: Value) => Value): Value =>
    times(behind ? norm(half(rows), name) : half(norm(rows, name)), c.multipliers?.residual)

  x = times(x, c.multipliers?.embedding)
  for (const [layer, at] of decoderLayers(c).entries()) {
    const [ofAttention, ofMlp] = ownWeights.norms.map((name) => `${at}.${name}`)
    x = g.add(
      lowering.answered(layer, x),
      added(x, ofAttention, (rows) => attention(rows, layer, at)),
    )
    x = lowering.residual(
      layer,
      g.add(
        x,
        added(x, ofMlp, (rows) => mlp(rows, at)),
      ),
    )
  }
  return norm(x, FINAL_NORM)
}
