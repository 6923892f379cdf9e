import type { GraphBuilder, Value } from '@weft/graph'
import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { differingCopies, unsupportedConfig } from '../../errors.ts'
import type { Architecture, CrossLowering, LinearLayer, Lowering } from '../architecture.ts'
import { type Activation, activate, activationOf } from '../blocks/activation.ts'
import { untiedWhereStored } from '../blocks/tied-lm-head.ts'

const size = z.int('a whole number expected').positive('a whole number of at least 1 expected')

const schema = z.looseObject({
  vocab_size: size.default(32_128),
  d_model: size.default(512),
  d_kv: size.default(64),
  d_ff: size.default(2048),
  num_layers: size.default(6),
  num_decoder_layers: size.nullish(),
  num_heads: size.default(8),
  relative_attention_num_buckets: size.multipleOf(4, 'a multiple of 4 expected').default(32),
  relative_attention_max_distance: size.default(128),
  layer_norm_epsilon: z.number().positive().default(1e-6),
  feed_forward_proj: z.string().default('relu'),
  tie_word_embeddings: z.boolean().default(true),
  scale_decoder_outputs: z.boolean().nullish(),
  decoder_start_token_id: z.int().nonnegative().nullish(),
  pad_token_id: z.int().nonnegative().nullish(),
  n_positions: size.default(512),
  is_encoder_decoder: z.boolean().default(true),
})

export interface T5Config {
  vocabSize: number
  hiddenSize: number
  /** Of one head; heads together may be wider or narrower than the model. */
  headDim: number
  intermediateSize: number
  numEncoderLayers: number
  numDecoderLayers: number
  numHeads: number
  numBuckets: number
  maxDistance: number
  layerNormEpsilon: number
  activation: Activation
  /** Two inner layers, one of them through the activation, multiplied (Shazeer 2020). */
  gated: boolean
  tieWordEmbeddings: boolean
  /** Whether the decoder's output is divided by √H before the head, as the first T5's tied head wants it. */
  scaleDecoderOutputs: boolean
  decoderStartTokenId: number
  /** Positions are relative and have no end; longest row it was trained on. */
  maxPositions: number
}

const EMBEDDING = 'shared.weight'
const LM_HEAD = 'lm_head.weight'
/** Older checkpoints store the one table of both stacks under these names too. */
const COPIES = ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight']

/** T5 (Raffel et al. 2020) and T5 v1.1: RMSNorm before each part, relative position biases, unscaled attention, no biases. */
export const t5: Architecture<T5Config> = {
  modelTypes: ['t5'],
  config(json, where = 'config.json') {
    const c = parseWith(schema, json, where)
    if (!c.is_encoder_decoder) throw unsupportedConfig('is_encoder_decoder', false, 'true')
    return {
      vocabSize: c.vocab_size,
      hiddenSize: c.d_model,
      headDim: c.d_kv,
      intermediateSize: c.d_ff,
      numEncoderLayers: c.num_layers,
      numDecoderLayers: c.num_decoder_layers ?? c.num_layers,
      numHeads: c.num_heads,
      numBuckets: c.relative_attention_num_buckets,
      maxDistance: c.relative_attention_max_distance,
      layerNormEpsilon: c.layer_norm_epsilon,
      ...feedForward(c.feed_forward_proj),
      tieWordEmbeddings: c.tie_word_embeddings,
      // transformers 5 writes every T5 as tied and keeps the old meaning of that field, whether outputs are scaled, here.
      scaleDecoderOutputs: c.scale_decoder_outputs ?? c.tie_word_embeddings,
      decoderStartTokenId: c.decoder_start_token_id ?? c.pad_token_id ?? 0,
      maxPositions: c.n_positions,
    }
  },
  spec: (c) => ({
    architecture: 't5',
    hiddenSize: c.hiddenSize,
    intermediateSize: c.intermediateSize,
    numLayers: c.numDecoderLayers,
    numHeads: c.numHeads,
    numKeyValueHeads: c.numHeads,
    headDim: c.headDim,
    vocabSize: c.vocabSize,
    maxPositions: c.maxPositions,
    weights: weights(c),
    modules: Object.fromEntries(Object.entries(linears(c)).map(([module, layer]) => [module, [layer.out, layer.in]])),
    roles: {
      attention: { query: 'q', key: 'k', value: 'v', output: 'o' },
      feedForward: { ...(c.gated ? { gate: 'wi_0', up: 'wi_1' } : { up: 'wi' }), down: 'wo' },
    },
    tasks: ['SEQ_2_SEQ_LM'],
    classifier: { module: 'classification_head', bias: true, dense: true },
    encoderDecoder: { numEncoderLayers: c.numEncoderLayers, decoderStartTokenId: c.decoderStartTokenId },
  }),
  withTensors(c, stored) {
    for (const copy of COPIES) if (stored.dtypeOf(copy) && !stored.equal(copy, EMBEDDING)) throw differingCopies(copy, EMBEDDING)
    return untiedWhereStored(c, stored, LM_HEAD, EMBEDDING)
  },
  weights,
  // A checkpoint without `shared` holds the same table under the encoder's or the decoder's name.
  aliases: (_, name) => (COPIES.includes(name) ? EMBEDDING : name),
  // One table is stored up to three times; a head beside a tied one is its copy; early checkpoints have a table that nothing reads.
  ignored: (c, name) =>
    COPIES.includes(name) || (name === LM_HEAD && c.tieWordEmbeddings) || name === 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight',
  attention: () => ({ kind: 'encoder-decoder', rotary: {}, windows: [null] }),
  embedding: () => EMBEDDING,
  outputProjection: (c) => (c.tieWordEmbeddings ? EMBEDDING : LM_HEAD),
  encoderDecoder: {
    relativePositions: ({ numBuckets, maxDistance }) => ({
      encoder: { weight: biasOf('encoder'), numBuckets, maxDistance, bidirectional: true },
      decoder: { weight: biasOf('decoder'), numBuckets, maxDistance, bidirectional: false },
    }),
    encode: (g, c, lowering, x) => stack(g, c, lowering, x, 'encoder'),
    crossKeyValue: (c, lowering, layer, encoded) => {
      const of = (part: 'k' | 'v'): Value => linear(c, lowering, encoded, `decoder.block.${layer}.layer.1.EncDecAttention.${part}`)
      return { k: of('k'), v: of('v') }
    },
  },
  forward: (g, c, lowering, x) => {
    const hidden = stack(g, c, lowering, x, 'decoder', (rows, layer, at) => {
      const q = linear(c, lowering, rows, `${at}.EncDecAttention.q`)
      return linear(
        c,
        lowering,
        g.scope(`${at}.EncDecAttention`, () => (lowering as CrossLowering).crossAttention(layer, q, { scale: 1 })),
        `${at}.EncDecAttention.o`,
      )
    })
    return c.scaleDecoderOutputs ? g.mul(hidden, c.hiddenSize ** -0.5) : hidden
  },
}

type Stack = 'encoder' | 'decoder'

const biasOf = (side: Stack): string => `${side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`
const depth = (c: T5Config, side: Stack): number => (side === 'encoder' ? c.numEncoderLayers : c.numDecoderLayers)
const innerLayers = ({ gated }: T5Config): string[] => (gated ? ['wi_0', 'wi_1'] : ['wi'])

/** `relu`, `gated-gelu`: what comes last is the activation, and T5's gated one has always been the approximated GELU. */
function feedForward(name: string): { activation: Activation; gated: boolean } {
  const parts = name.split('-')
  if (parts.length > 2 || (parts.length === 2 && parts[0] !== 'gated'))
    throw unsupportedConfig('feed_forward_proj', name, '"<activation>" or "gated-<activation>"')
  return { activation: activationOf('feed_forward_proj', name === 'gated-gelu' ? 'gelu_new' : parts.at(-1)!), gated: parts.length === 2 }
}

/** Every linear layer by module name. */
function linears(c: T5Config): Record<string, LinearLayer> {
  const [H, inner] = [c.hiddenSize, c.numHeads * c.headDim]
  const layer = (input: number, out: number): LinearLayer => ({ in: input, out, bias: false })
  const all: Record<string, LinearLayer> = {}
  for (const side of ['encoder', 'decoder'] as const) {
    for (let block = 0; block < depth(c, side); block++) {
      const parts = side === 'encoder' ? ['SelfAttention'] : ['SelfAttention', 'EncDecAttention']
      for (const [i, part] of parts.entries()) {
        const at = `${side}.block.${block}.layer.${i}.${part}`
        for (const name of ['q', 'k', 'v']) all[`${at}.${name}`] = layer(H, inner)
        all[`${at}.o`] = layer(inner, H)
      }
      const at = `${side}.block.${block}.layer.${parts.length}.DenseReluDense`
      for (const name of innerLayers(c)) all[`${at}.${name}`] = layer(H, c.intermediateSize)
      all[`${at}.wo`] = layer(c.intermediateSize, H)
    }
  }
  return all
}

function weights(c: T5Config): Record<string, number[]> {
  const shapes: Record<string, number[]> = { [EMBEDDING]: [c.vocabSize, c.hiddenSize] }
  for (const [module, { in: input, out }] of Object.entries(linears(c))) shapes[`${module}.weight`] = [out, input]
  for (const side of ['encoder', 'decoder'] as const) {
    shapes[biasOf(side)] = [c.numBuckets, c.numHeads]
    for (let block = 0; block < depth(c, side); block++) {
      for (let i = 0; i < (side === 'encoder' ? 2 : 3); i++) shapes[`${side}.block.${block}.layer.${i}.layer_norm.weight`] = [c.hiddenSize]
    }
    shapes[`${side}.final_layer_norm.weight`] = [c.hiddenSize]
  }
  if (!c.tieWordEmbeddings) shapes[LM_HEAD] = [c.vocabSize, c.hiddenSize]
  return shapes
}

const linear = (c: T5Config, lowering: Pick<Lowering, 'linear'>, rows: Value, module: string): Value => lowering.linear(rows, module, linears(c)[module])

/** x += selfAttention(norm(x)); x += cross(norm(x)), in a decoder; x += feedForward(norm(x)). Rows are kept 2-D, `[M, H]`. */
function stack(g: GraphBuilder, c: T5Config, lowering: Lowering, x: Value, side: Stack, cross?: (rows: Value, layer: number, at: string) => Value): Value {
  const norm = (rows: Value, name: string): Value =>
    g.scope(name, () => g.rmsNormalization(rows, lowering.weight(`${name}.weight`, [c.hiddenSize]), { epsilon: c.layerNormEpsilon }))
  const selfAttention = (rows: Value, layer: number, at: string): Value => {
    const [q, k, v] = ['q', 'k', 'v'].map((part) => linear(c, lowering, rows, `${at}.${part}`))
    return linear(
      c,
      lowering,
      g.scope(at, () => lowering.attention(layer, q, k, v, { scale: 1 })),
      `${at}.o`,
    )
  }
  const feed = (rows: Value, at: string): Value => {
    const [first, second] = innerLayers(c).map((name) => linear(c, lowering, rows, `${at}.${name}`))
    const inner = g.scope(at, () => (second ? g.mul(activate(g, c.activation, first), second) : activate(g, c.activation, first)))
    return linear(c, lowering, inner, `${at}.wo`)
  }
  for (let layer = 0; layer < depth(c, side); layer++) {
    const at = `${side}.block.${layer}.layer`
    x = g.add(x, selfAttention(norm(x, `${at}.0.layer_norm`), layer, `${at}.0.SelfAttention`))
    if (cross) x = g.add(x, cross(norm(x, `${at}.1.layer_norm`), layer, `${at}.1`))
    const last = cross ? 2 : 1
    x = lowering.residual(layer, g.add(x, feed(norm(x, `${at}.${last}.layer_norm`), `${at}.${last}.DenseReluDense`)))
  }
  return norm(x, `${side}.final_layer_norm`)
}
