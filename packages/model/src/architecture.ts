import type { GraphBuilder, Value } from '@weft/graph'
import type { ModelSpec } from '@weft/core'
import type { RotaryConfig } from './rotary.ts'

/**
 * How an architecture's operations become graph ops. One architecture file serves training (differentiable standard
 * ops, static shapes, sites) and inference (fused attention over a key/value cache, symbolic shapes).
 */
export interface Lowering {
  /** A frozen weight, or what the `weights` site puts in its place. */
  weight(name: string, shape: readonly number[]): Value
  /** A linear layer by its module's name, with what sites do to it: `x [M, in]` → `[M, out]`. */
  linear(x: Value, module: string, layer: LinearLayer): Value
  /** Position of every row, `[M]` int64, for architectures that embed positions. */
  positions(): Value
  /** Attention over one layer's projections: `q [M, N*D]`, `k, v [M, K*D]` → `[M, N*D]`; rotary positions included. M = B·S rows. */
  attention(layer: number, q: Value, k: Value, v: Value): Value
}

/** How a checkpoint stores a linear layer, `<module>.weight` and `<module>.bias`. */
export interface LinearLayer {
  in: number
  out: number
  bias: boolean
  /** Stored `[in, out]` (GPT-2's Conv1D) instead of `[out, in]`. */
  transposed?: boolean
}

/** A model family: one file that says what its config.json means and calls graph ops. */
export interface Architecture<Config = any> {
  /** config.json's `model_type` values this file serves. */
  readonly modelTypes: readonly string[]
  /** Validates config.json; throws `invalid_config` or `unsupported_config`. */
  config(json: unknown, where?: string): Config
  spec(config: Config): ModelSpec
  /** Every weight's name (Hugging Face's) and shape. */
  weights(config: Config): Record<string, number[]>
  /** The name under which `weights` and `ignored` know a tensor that a checkpoint stores under another: older spellings, a missing prefix. */
  aliases?(config: Config, name: string): string
  /** Whether a checkpoint may hold this tensor although `weights` does not name it. */
  ignored(config: Config, name: string): boolean
  /** null where positions are embedded or biases. */
  rotary(config: Config): RotaryConfig | null
  /** Whether a token sees those after it; false when absent. */
  readonly bidirectional?: boolean
  /** The token embedding's name, `[V, H]`. */
  embedding(config: Config): string
  /** The output projection's name, `[V, H]`; the embedding's own where they are tied. */
  head(config: Config): string
  /** `x [M, H]` (embedded rows and tokens) → hidden `[M, H]` after the final norm. */
  forward(g: GraphBuilder, config: Config, lowering: Lowering, x: Value): Value
}

/** What building a graph needs to know of a model: everything but its weights' values. */
export interface ModelShape<Config = any> {
  architecture: Architecture<Config>
  config: Config
  spec: ModelSpec
}
