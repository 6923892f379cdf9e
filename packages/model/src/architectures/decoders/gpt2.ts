import type { GraphBuilder, Value } from '@weft/graph'
import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { invalidConfig, unsupportedConfig } from '../../errors.ts'
import type { Architecture, LinearLayer, Lowering } from '../architecture.ts'
import { type Activation, activate, activationOf } from '../blocks/activation.ts'
import { decoderHeadAsStored } from '../blocks/tied-lm-head.ts'

const size = z.int('a whole number expected').positive('a whole number of at least 1 expected')

const schema = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  vocab_size: size.default(50_257),
  n_positions: size.default(1024),
  n_embd: size.default(768),
  n_layer: size.default(12),
  n_head: size.default(12),
  n_inner: size.nullish(),
  activation_function: z.string().default('gelu_new'),
  layer_norm_epsilon: z.number().positive().default(1e-5),
  initializer_range: z.number().positive().default(0.02),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(true),
  add_cross_attention: z.boolean().default(false),
  is_causal: z.boolean().nullish(),
})

export interface Gpt2Config {
  vocabSize: number
  maxPositions: number
  hiddenSize: number
  numLayers: number
  numHeads: number
  intermediateSize: number
  activation: Activation
  layerNormEpsilon: number
  initializerRange: number
  /** Whether attention's logits are divided by √D. */
  scaleAttnWeights: boolean
  /** Whether they are divided by the layer's number, counted from 1, too. */
  scaleAttnByInverseLayerIdx: boolean
  tieWordEmbeddings: boolean
  /** The checkpoint is an untied classifier's, or a bare one: it has no output projection, and cannot generate. */
  headless?: true
}

const EMBEDDING = 'transformer.wte.weight'
const FINAL_NORM = 'transformer.ln_f'
const POSITIONS = 'transformer.wpe.weight'
const LM_HEAD = 'lm_head.weight'

/** GPT-2 (Radford et al. 2019): learned positions, LayerNorm before each half, GELU, biases everywhere, linear layers stored `[in, out]`. */
export const gpt2: Architecture<Gpt2Config> = {
  modelTypes: ['gpt2'],
  linearsTransposed: true,
  config(json, where = 'config.json') {
    const c = parseWith(schema, json, where)
    if (c.n_embd % c.n_head) throw invalidConfig(where, `n_embd ${c.n_embd} is no multiple of n_head ${c.n_head}.`)
    if (c.add_cross_attention) throw unsupportedConfig('add_cross_attention', true, 'false, a decoder by itself')
    if (c.is_causal === false) throw unsupportedConfig('is_causal', false, 'true, a token sees those before it')
    return {
      vocabSize: c.vocab_size,
      maxPositions: c.n_positions,
      hiddenSize: c.n_embd,
      numLayers: c.n_layer,
      numHeads: c.n_head,
      intermediateSize: c.n_inner ?? 4 * c.n_embd,
      activation: activationOf('activation_function', c.activation_function),
      layerNormEpsilon: c.layer_norm_epsilon,
      initializerRange: c.initializer_range,
      scaleAttnWeights: c.scale_attn_weights,
      scaleAttnByInverseLayerIdx: c.scale_attn_by_inverse_layer_idx,
      tieWordEmbeddings: c.tie_word_embeddings,
      ...(!c.tie_word_embeddings && c.architectures?.[0]?.endsWith('Classification') && { headless: true as const }),
    }
  },
  spec: (c) => ({
    architecture: 'gpt2',
    hiddenSize: c.hiddenSize,
    intermediateSize: c.intermediateSize,
    numLayers: c.numLayers,
    numHeads: c.numHeads,
    numKeyValueHeads: c.numHeads,
    headDim: c.hiddenSize / c.numHeads,
    vocabSize: c.vocabSize,
    maxPositions: c.maxPositions,
    weights: weights(c),
    modules: Object.fromEntries(layers(c).flatMap((at) => Object.entries(linears(c)).map(([name, layer]) => [`${at}.${name}`, [layer.out, layer.in]]))),
    roles: { attention: { queryKeyValue: 'c_attn', output: 'attn.c_proj' }, feedForward: { up: 'c_fc', down: 'mlp.c_proj' } },
    tasks: c.headless ? ['SEQ_CLS', 'TOKEN_CLS'] : ['CAUSAL_LM', 'SEQ_CLS', 'TOKEN_CLS'],
    classifier: { module: 'score', bias: false, dense: false, tokens: 'classifier' },
  }),
  withTensors: (c, stored) => decoderHeadAsStored(c, stored, { lmHead: LM_HEAD, embedding: EMBEDDING, bareEmbedding: 'wte.weight' }),
  weights,
  // GPT2Model's own checkpoints know nothing of the model around it.
  aliases: (_, name) => (/^(wte|wpe|h|ln_f)\./.test(name) ? `transformer.${name}` : name),
  // Older files store the causal mask; a tied head is often stored twice; a classifier on top is not the base model's.
  ignored: (c, name) =>
    /^transformer\.h\.\d+\.attn\.(masked_)?bias$/.test(name) || (name === LM_HEAD && c.tieWordEmbeddings) || /^(score|classifier)\.(weight|bias)$/.test(name),
  attention: () => ({ kind: 'decoder', rotary: {}, windows: [null] }),
  embedding: () => EMBEDDING,
  finalNorm: () => `${FINAL_NORM}.weight`,
  outputProjection: (c) => outputProjection(c),
  forward,
}

const outputProjection = (c: Gpt2Config): string | null => (c.headless ? null : c.tieWordEmbeddings ? EMBEDDING : LM_HEAD)

const layers = (c: Gpt2Config): string[] => Array.from({ length: c.numLayers }, (_, layer) => `transformer.h.${layer}`)

/** A block's linear layers by name within it. Conv1D: a checkpoint has them `[in, out]`. */
function linears({ hiddenSize: H, intermediateSize }: Gpt2Config): Record<string, LinearLayer> {
  const conv1D = (input: number, out: number): LinearLayer => ({ in: input, out, bias: true })
  return {
    'attn.c_attn': conv1D(H, 3 * H),
    'attn.c_proj': conv1D(H, H),
    'mlp.c_fc': conv1D(H, intermediateSize),
    'mlp.c_proj': conv1D(intermediateSize, H),
  }
}

function weights(c: Gpt2Config): Record<string, number[]> {
  const shapes: Record<string, number[]> = { [EMBEDDING]: [c.vocabSize, c.hiddenSize], [POSITIONS]: [c.maxPositions, c.hiddenSize] }
  const norm = (name: string): void => {
    shapes[`${name}.weight`] = shapes[`${name}.bias`] = [c.hiddenSize]
  }
  for (const at of layers(c)) {
    norm(`${at}.ln_1`)
    norm(`${at}.ln_2`)
    for (const [name, layer] of Object.entries(linears(c))) {
      shapes[`${at}.${name}.weight`] = [layer.in, layer.out]
      shapes[`${at}.${name}.bias`] = [layer.out]
    }
  }
  norm(FINAL_NORM)
  if (outputProjection(c) === LM_HEAD) shapes[LM_HEAD] = [c.vocabSize, c.hiddenSize]
  return shapes
}

/** x += attention(norm(x)); x += c_proj(gelu(c_fc(norm(x)))). Rows are kept 2-D, `[M, H]`. */
function forward(g: GraphBuilder, c: Gpt2Config, lowering: Lowering, x: Value): Value {
  const H = c.hiddenSize
  const parts = linears(c)
  const linear = (rows: Value, at: string, name: string): Value => lowering.linear(rows, `${at}.${name}`, parts[name])
  const norm = (rows: Value, name: string): Value =>
    g.scope(name, () =>
      g.layerNormalization(rows, lowering.weight(`${name}.weight`, [H]), lowering.weight(`${name}.bias`, [H]), { epsilon: c.layerNormEpsilon }),
    )

  const attention = (rows: Value, layer: number, at: string): Value => {
    const [q, k, v] = g.split(linear(rows, at, 'attn.c_attn'), [H, H, H], 1)
    const scale = (c.scaleAttnWeights ? 1 / Math.sqrt(H / c.numHeads) : 1) / (c.scaleAttnByInverseLayerIdx ? layer + 1 : 1)
    const mixed = g.scope(`${at}.attn`, () => lowering.attention(layer, lowering.answered(layer, q), k, v, { scale }))
    return linear(mixed, at, 'attn.c_proj')
  }
  const mlp = (rows: Value, at: string): Value => {
    const inner = linear(rows, at, 'mlp.c_fc')
    return linear(
      g.scope(`${at}.mlp`, () => activate(g, c.activation, inner)),
      at,
      'mlp.c_proj',
    )
  }

  x = g.scope('transformer.wpe', () => g.add(x, g.gather(lowering.weight(POSITIONS, [c.maxPositions, H]), lowering.positions(), 0)))
  for (const [layer, at] of layers(c).entries()) {
    x = g.add(lowering.answered(layer, x), attention(norm(x, `${at}.ln_1`), layer, at))
    x = lowering.residual(layer, g.add(x, mlp(norm(x, `${at}.ln_2`), at)))
  }
  return norm(x, FINAL_NORM)
}
