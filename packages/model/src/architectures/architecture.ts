import type { ModelSpec } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import type { StoredTensors } from '../checkpoint/stored-tensors.ts'
import type { RelativePositions } from '../layout/relative-positions.ts'
import type { RotaryConfig } from '../layout/rotary.ts'
import type { Precision } from '../precision/precision.ts'

/**
 * How an architecture's operations become graph ops. One architecture file serves training (differentiable standard
 * ops, static shapes, sites) and inference (fused attention over a key/value cache, symbolic shapes).
 */
export interface Lowering {
  /** A frozen weight, or what the `weights` site puts in its place. */
  weight(name: string, shape: readonly number[]): Value
  /** A linear layer by its module's name, with what sites do to it: `x [M, in]` → `[M, out]`. */
  linear(x: Value, module: string, layer: LinearLayer): Value
  /** Linear layers that read the same rows, in order; where `sharedInputs` names them together it may be one product. */
  linears(x: Value, layers: readonly { module: string; layer: LinearLayer }[]): Value[]
  /** Position of every row, `[M]` int64, for architectures that embed positions. */
  positions(): Value
  /** Attention over one layer's projections: `q [m, N*D]` of the rows that are answered, `k, v [M, K*D]` → `[m, N*D]`. M = B·S rows. */
  attention(layer: number, q: Value, k: Value, v: Value, options?: AttentionOptions): Value
  /**
   * Of rows `[M, H]` that a layer reads, those whose queries meet its keys, `[m, H]`: the layer answers with as many. All of them but in the last
   * layer of a graph that needs few.
   */
  answered(layer: number, rows: Value): Value
  /** The residual stream behind a layer, `[M, H]`, with what sites do to it. */
  residual(layer: number, x: Value): Value
}

/** How a layer attends. */
export interface AttentionOptions {
  /** How many positions a token sees to each side that it sees, its own included; all when absent or null. One of the architecture's `windows`. */
  window?: number | null
  /** The rotary table applied to queries and keys, one of the architecture's; none when absent. */
  rotary?: string
  /** Factor of the scores; 1/√D when absent. */
  scale?: number
}

/** What an encoder-decoder's decoder needs besides. Its positions are biases, and it has no windows. */
export interface CrossLowering extends Lowering {
  /** Attention of a decoder's layer over the encoder's rows: `q [M, N*D]` → `[M, N*D]`. */
  crossAttention(layer: number, q: Value, options?: Pick<AttentionOptions, 'scale'>): Value
}

/** What an architecture's attention asks of the host. */
export interface Attention {
  /** Who sees whom: a token those before it, all tokens each other, or one side the other. */
  kind: 'decoder' | 'encoder' | 'encoder-decoder'
  /** Rotary tables by the names that `AttentionOptions.rotary` takes; none where positions are embedded, or biases. */
  rotary: Readonly<Record<string, RotaryConfig>>
  /** Every window that a layer has, null where one sees everything. */
  windows: readonly (number | null)[]
  /** What an encoder adds to its scores beside all that; none when absent. It has no windows then. */
  relative?: RelativeBias
}

/** A bias that each head learns for every distance, added to all layers' scores: the name of its table `[buckets, N]`, and how distances find their row. */
export interface RelativeBias extends RelativePositions {
  weight: string
}

/** How a checkpoint stores a linear layer, `<module>.weight` and `<module>.bias`. */
export interface LinearLayer {
  in: number
  out: number
  bias: boolean
}

/** A model family: one file that says what its config.json means and calls graph ops. */
export interface Architecture<Config = any> {
  /** config.json's `model_type` values this file serves. */
  readonly modelTypes: readonly string[]
  /** Validates config.json; throws `invalid_config` or `unsupported_config`. */
  config(json: unknown, where?: string): Config
  spec(config: Config): ModelSpec
  /** The config with what only the checkpoint's tensors tell: optional parts that it leaves out, a head of its own, the precision that it is in. */
  withTensors?(config: Config, stored: StoredTensors): Config
  /** Every weight's name (Hugging Face's) and shape. */
  weights(config: Config): Record<string, number[]>
  /** Linear layers are stored `[in, out]` (GPT-2's Conv1D). */
  readonly linearsTransposed?: true
  /** Whether a weight of a new model is 0 though it is no bias: a norm that multiplies by 1 + w. */
  readonly startsAtZero?: (name: string) => boolean
  /** The name under which `weights` and `ignored` know a tensor that a checkpoint stores under another: older spellings, a missing prefix. */
  aliases?(config: Config, name: string): string
  /** Whether a checkpoint may hold this tensor although `weights` does not name it. */
  ignored(config: Config, name: string): boolean
  attention(config: Config): Attention
  /** Linear layers that read the same rows, by module: one product may do the work of several. */
  sharedInputs?(config: Config): string[][]
  /** The token embedding's name, `[V, H]`. */
  embedding(config: Config): string
  /** What a token's row of it is multiplied by, a float32; 1 when absent. */
  embeddingScale?(config: Config): number
  /** The output projection's name, `[V, H]`; the embedding's own where they are tied; null for a model that predicts no tokens. */
  outputProjection(config: Config): string | null
  /** What logits are multiplied by; 1 when absent. */
  logitScale?(config: Config): number
  /** The weight of the norm behind the last layer; absent where each layer ends in one. */
  finalNorm?(config: Config): string
  /** Present where an encoder reads what is asked and a decoder answers: `forward` is then the decoder, and its lowering a `CrossLowering`. */
  readonly encoderDecoder?: EncoderHalf<Config>
  /** `x [M, H]` (embedded rows and tokens) → hidden `[M, H]` after the final norm, of the rows that the last layer answers. */
  forward(g: GraphBuilder, config: Config, lowering: Lowering, x: Value): Value
}

/** An encoder, and how the decoder meets it. */
export interface EncoderHalf<Config = any> {
  /** What all layers of a stack share. */
  relativePositions(config: Config): Record<'encoder' | 'decoder', RelativeBias>
  /** `x [M, H]` (embedded rows and tokens) → `[M, H]` after the encoder's final norm. */
  encode(g: GraphBuilder, config: Config, lowering: Lowering, x: Value): Value
  /** A decoder layer's keys and values of the encoder's rows: `encoded [M, H]` → `[M, N*D]` each. */
  crossKeyValue(config: Config, lowering: Pick<Lowering, 'linear'>, layer: number, encoded: Value): { k: Value; v: Value }
}

/** What building a graph needs to know of a model: everything but its weights' values. */
export interface ModelShape<Config = any> {
  architecture: Architecture<Config>
  config: Config
  spec: ModelSpec
  /** How its frozen weights are held and computed with; float32 when absent. */
  precision?: Precision
  /** What a quantized checkpoint stores its weights as, by name. */
  stored?: Readonly<Record<string, string>>
}
