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
  /** Attention over one layer's projections: `q [M, N*D]`, `k, v [M, K*D]` → `[M, N*D]`; rotary positions included. M = B·S rows. */
  attention(layer: number, q: Value, k: Value, v: Value): Value
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
  /** Whether a checkpoint may hold this tensor although `weights` does not name it. */
  ignored(config: Config, name: string): boolean
  rotary(config: Config): RotaryConfig
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
