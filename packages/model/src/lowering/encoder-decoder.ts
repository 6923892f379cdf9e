import type { AdapterHooks } from '@weft/adapters/hooks'
import { type Dim, type GraphBuilder, mulDims, type Value } from '@weft/graph'
import type { AttentionOptions, CrossLowering, EncoderHalf, Lowering, ModelShape } from '../architectures/architecture.ts'
import { notLowered } from '../errors.ts'
import { embedTokens } from '../token-embedding.ts'
import { frozen } from './frozen.ts'
import { overColumns } from './over-columns.ts'
import { relativeBias } from './relative-bias.ts'
import type { TrainingForward } from './training-forward.ts'

export interface EncoderDecoderShape {
  batch: number
  /** Width of the encoder's token batch, T; rows of `inputsEmbeds` come on top: S = placed rows + T. */
  tokens: number
  /** Width of the decoder's, U. */
  targets: number
}

/**
 * The differentiable forward pass of an encoder-decoder. Rows stand before what the encoder reads, and the decoder meets them through
 * it; prefixes and gated branches act in the decoder's self-attention; what acts on linear layers acts on those of both.
 * Adds the inputs that `encoderDecoderLayout` writes:
 *
 * | input | shape |
 * |---|---|
 * | `input_ids` | `[B,T]` int64 |
 * | `encoder_attention_bias` | `[B,1,1,S]`: padding and strengths, of whoever looks at the encoder's rows |
 * | `encoder_buckets` | `[1,S,S]` int64: the row of the encoder's bias table for each pair of positions |
 * | `decoder_input_ids` | `[B,U]` int64: the start token, then the labels |
 * | `attention_bias` | `[B,1,U,prefix+U]`: causality and strengths |
 * | `decoder_buckets` | `[1,U,prefix+U]` int64, `[B,…]` where rows have groups |
 *
 * Hidden rows are the decoder's, `[B*U, H]`.
 */
export function encoderDecoderForward(
  g: GraphBuilder,
  model: ModelShape,
  hooks: AdapterHooks,
  { batch: B, tokens: T, targets: U }: EncoderDecoderShape,
): TrainingForward {
  const H = model.spec.hiddenSize
  const { rows: placedRows, prefix, groups = [] } = hooks.placement
  const S = placedRows + T
  const base = frozen(g, model, hooks)
  const linear: Lowering['linear'] = (x, module, layer) => hooks.linear(module, x, (rows) => base.linear(rows, module, layer))
  const layers = { weight: base.weight, linear }
  const embedded = (ids: Value): Value => embedTokens(g, model, base, ids)

  const seen = g.input('encoder_attention_bias', 'float32', [B, 1, 1, S])
  const rows = g.scope('embed', () => g.reshape(hooks.rows(embedded(g.input('input_ids', 'int64', [B, T]))), [B * S, H]))
  const encoded = encoderStack(g, model, layers, rows, { B, S, seen, buckets: g.input('encoder_buckets', 'int64', [1, S, S]) })

  const total = prefix + U
  const targets = g.scope('embed', () => g.reshape(embedded(g.input('decoder_input_ids', 'int64', [B, U])), [B * U, H]))
  const hidden = decoderStack(g, model, layers, targets, {
    B,
    U,
    seen,
    bias: g.input('attention_bias', 'float32', [B, 1, U, total]),
    buckets: g.input('decoder_buckets', 'int64', [groups.length > 1 ? B : 1, U, total]),
    self: hooks.keyValue,
    keyBias: (layer) => {
      const bias = hooks.keyBias(layer)
      return bias && overColumns(g, bias, U)
    },
    cross: (layer) => crossHeads(g, model, layers, layer, encoded, B, S),
    extra: hooks.attentionExtra,
    residual: hooks.residual,
  })
  return {
    hidden,
    overVocabulary: base.overVocabulary,
    square: (x, module) => linear(x, module, { in: H, out: H, bias: true }),
  }
}

/** How weights and linear layers are had: the part of a lowering that both stacks share. */
export type Layers = Pick<Lowering, 'weight' | 'linear'>

/** The encoder over rows `[B*S, H]`: every position sees every other that is no padding. */
export function encoderStack(
  g: GraphBuilder,
  model: ModelShape,
  layers: Layers,
  rows: Value,
  { B, S, seen, buckets }: { B: number; S: Dim; seen: Value; buckets: Value },
): Value {
  const { half, heads, attend } = partsOf(g, model)
  let bias: Value | undefined // one for all layers, in the first one's scope
  return half.encode(
    g,
    model.config,
    {
      ...layers,
      ...positionless,
      attention: (_, q, k, v, options = {}) => {
        const scale = scaleAlone(options)
        bias ??= relativeBias(g, biasTable(model, layers, 'encoder'), buckets, seen)
        return merged(g, attend(scaled(g, model, heads(q, B, S), scale), heads(k, B, S), heads(v, B, S), bias), B, S, model)
      },
      // Layers are the decoder's.
      residual: (_, x) => x,
    },
    rows,
  )
}

/** What a decoder's layers look at besides their own rows. */
export interface DecoderInputs {
  B: Dim
  U: Dim
  seen: Value
  bias: Value
  buckets: Value
  /** A layer's own keys and values `[B,N,U,D]` with all that stands before them. */
  self(layer: number, k: Value, v: Value): { k: Value; v: Value }
  /** What is added to the logits of its attention, `[B or 1,N,1,1,columns]`. */
  keyBias(layer: number): Value | null
  /** Keys and values of the encoder's rows, `[B,N,S,D]`. */
  cross(layer: number): { k: Value; v: Value }
  /** What adapters add to its attention. */
  extra: AdapterHooks['attentionExtra']
  /** What they add to the stream behind a layer. */
  residual: AdapterHooks['residual']
}

/** The decoder over rows `[B*U, H]`. */
export function decoderStack(
  g: GraphBuilder,
  model: ModelShape,
  layers: Layers,
  rows: Value,
  { B, U, seen, bias, buckets, self, keyBias, cross, extra, residual }: DecoderInputs,
): Value {
  const { heads, attend } = partsOf(g, model)
  let own: Value | undefined
  const lowering: CrossLowering = {
    ...layers,
    ...positionless,
    attention: (layer, q, k, v, options = {}) => {
      const scale = scaleAlone(options)
      own ??= relativeBias(g, biasTable(model, layers, 'decoder'), buckets, bias)
      const queries = scaled(g, model, heads(q, B, U), scale)
      const before = self(layer, heads(k, B, U), heads(v, B, U))
      const keys = keyBias(layer)
      const attended = attend(queries, before.k, before.v, keys ? g.add(own, everyHead(g, keys)) : own)
      const added = extra(layer, (slots) => slots?.some?.pick(queries) ?? queries)
      return merged(g, added ? added(attended) : attended, B, U, model)
    },
    crossAttention: (layer, q, { scale } = {}) => {
      const { k, v } = cross(layer)
      return merged(g, attend(scaled(g, model, heads(q, B, U), scale), k, v, seen), B, U, model)
    },
    residual,
  }
  return model.architecture.forward(g, model.config, lowering, rows)
}

/** Every head has keys of its own here: `[…,N,1,1,columns]` is `[…,N,1,columns]`. */
const everyHead = (g: GraphBuilder, keys: Value): Value => g.reshape(keys, [keys.shape[0], keys.shape[1], 1, keys.shape[4]])

/** A decoder layer's keys and values of the encoder's rows `[B*S, H]`, as heads `[B,N,S,D]`. */
export function crossHeads(g: GraphBuilder, model: ModelShape, layers: Layers, layer: number, encoded: Value, B: number, S: Dim): { k: Value; v: Value } {
  const { half, heads } = partsOf(g, model)
  const { k, v } = half.crossKeyValue(model.config, layers, layer, encoded)
  return { k: heads(k, B, S), v: heads(v, B, S) }
}

function partsOf(g: GraphBuilder, { architecture, spec: { numHeads: N, headDim: D } }: ModelShape) {
  return {
    half: architecture.encoderDecoder as EncoderHalf,
    heads: (x: Value, B: Dim, S: Dim): Value => g.transpose(g.reshape(x, [B, S, N, D]), [0, 2, 1, 3]),
    /** `q [B,N,Q,D]`, `k, v [B,N,K,D]`, bias broadcast to `[B,N,Q,K]` → `[B,N,Q,D]`. */
    attend: (q: Value, k: Value, v: Value, bias: Value): Value => g.matMul(g.softmax(g.add(g.matMul(q, g.transpose(k, [0, 1, 3, 2])), bias), { axis: -1 }), v),
  }
}

const scaled = (g: GraphBuilder, { spec }: ModelShape, q: Value, scale = 1 / Math.sqrt(spec.headDim)): Value => (scale === 1 ? q : g.mul(q, scale))

const merged = (g: GraphBuilder, x: Value, B: Dim, S: Dim, { spec: { numHeads: N, headDim: D } }: ModelShape): Value =>
  g.reshape(g.transpose(x, [0, 2, 1, 3]), [mulDims(B, S), N * D])

/** The bias table of a stack, `[buckets, N]`. */
function biasTable({ architecture, config, spec }: ModelShape, { weight }: Layers, stack: 'encoder' | 'decoder'): Value {
  const table = architecture.encoderDecoder!.relativePositions(config)[stack].weight
  return weight(table, spec.weights[table])
}

/** Positions of an encoder-decoder are biases between them: none are embedded, none turn queries and keys, and no layer has a window. */
const positionless = {
  answered: (_: number, rows: Value): Value => rows,
  linears: (): never => {
    throw notLowered('joined linear layers')
  },
  positions: (): never => {
    throw notLowered('embedded positions')
  },
}
const scaleAlone = ({ window, rotary, scale }: AttentionOptions): number | undefined => {
  if (rotary !== undefined) throw notLowered('rotary positions')
  if (window != null) throw notLowered('windows')
  return scale
}
