import type { Composed } from '@weft/adapters'
import type { LoadedModel } from '@weft/model'
import type { Device, Runtime } from '@weft/ort'
import type { GenerateEnd, GenerateToken } from '@weft/protocol'
import type { ClassifyInput, ClassifyOptions } from './classification/classify-input.ts'
import type { Classified } from './decoder/hidden-states/classify.ts'
import type { Scored, ScoreOptions } from './decoder/score.ts'
import type { GenerateOptions } from './generation/generate.ts'
import type { Metrics } from './metrics.ts'
import type { AttentionKernel, ModelSessions } from './model-sessions.ts'
import type { PrefixCache } from './prefix-cache/prefix-cache.ts'
import type { OutputCombination } from './sampling/combine-outputs.ts'
import type { Asker } from './scheduler/asker.ts'
import type { SchedulerCounts } from './scheduler/counts.ts'
import type { SchedulerOptions } from './scheduler/scheduler.ts'

export type { ClassifyInput, ClassifyOptions }

export interface EngineOptions extends SchedulerOptions {
  /** Hears what the engine does. */
  metrics?: Metrics
  runtime: Runtime
  device: Device
  /** How attention over a cache is computed; what the device has a kernel for when absent. */
  attentionKernel?: AttentionKernel
  threads: number
  /** Computed compositions, shared by all engines of a process. */
  fixed: PrefixCache
  /** Bytes of compositions that the process keeps. An engine keeps no more of their tensors, nor of what rows that are done did inside layers; 256 MB of each at most. */
  compositionBytes?: number
}

/** A composition under its key, as a request names it; null is the base model. */
export type Named = { key: string; composed: Composed } | null

/** Several compositions whose answers are combined: `experts`, `product`, `ensemble`. */
export interface NamedOutputs extends OutputCombination {
  operands: readonly (OutputCombination['operands'][number] & { named: NonNullable<Named> })[]
}

/** What a request asks: one composition, the base model, or several at once. */
export type Asked = Named | NamedOutputs
export const isOutputs = (asked: Asked): asked is NamedOutputs => asked !== null && 'operands' in asked

/** Inference of one base model. What a kind of model cannot do is refused with what it can. */
export interface Engine {
  readonly model: LoadedModel
  readonly sessions: ModelSessions
  /** Requests in progress and in line. */
  readonly load: { active: number; waiting: number }
  /** Places for keys and values: those that sequences fill, and those that are there. None where nothing is kept between steps. */
  readonly cacheUse?: { used: number; reserved: number }
  /** The same and more, for monitors; those of the prefix cache are its own, since engines share it. */
  readonly counts: SchedulerCounts
  /** Resolves when nothing is in progress. */
  idle(): Promise<void>
  /** Makes ahead what requests of this composition will need, so that none of them waits for it. */
  prepare(composition: NonNullable<Named>): Promise<void>
  /** Resolves when the request is accepted, with its events. */
  generate(asked: Asked, options: GenerateOptions, signal?: AbortSignal): Promise<AsyncGenerator<GenerateToken | GenerateEnd>>
  /** Labels of each text, or of its words. @throws WeftError `head_missing`; `context_length_exceeded`, unless it may cut */
  classify(composition: Named, inputs: readonly ClassifyInput[], options?: ClassifyOptions, signal?: AbortSignal): Promise<Classified>
  /** Of several compositions, as they answer together. */
  score(asked: Asked, options: ScoreOptions, signal?: AbortSignal): Promise<Scored>
  /** A vector per text, `[H]`: the mean of its tokens' hidden states, or the last one's. Tokens are taken as they are. @throws WeftError `context_length_exceeded`, unless it may cut */
  embed(composition: Named, inputs: readonly EmbedInput[], options?: EmbedOptions, signal?: AbortSignal): Promise<Embedded>
  /** Waits for what is in progress, then gives everything back. */
  close(): Promise<void>
}

export type EmbedInput = string | readonly number[]

export interface EmbedOptions extends Asker {
  /** Cuts what is longer than the context. */
  truncate?: boolean
  /** Which tokens' hidden states make the vector; when absent, the last one's where the composition's classifier of texts reads it, and the mean otherwise. */
  pooling?: 'mean' | 'last' | undefined
}

export interface Embedded {
  vectors: Float32Array[]
  /** Tokens read, after cutting. */
  tokens: number
}
