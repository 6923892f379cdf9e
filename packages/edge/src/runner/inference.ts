import type {
  EmbedRequest,
  EmbedResponse,
  GenerateEvent,
  GenerateInput,
  GenerateResponse,
  HeldModel,
  Labelled,
  RunnerClassifyRequest,
  ScoreRequest,
  ScoreResponse,
} from '@weft/protocol'
import type { Caller } from './caller.ts'

/** What inference over a base model can do. */
export interface Capabilities {
  /** Sites at which an adapter may act. */
  sites: readonly string[]
  /** PEFT's task types. */
  tasks: readonly string[]
}

/**
 * Inference at a runner. Every call rejects with a coded error: 503 `runner_unavailable`, 504 `runner_timeout`, 424
 * `composition_not_held`, or what the runner refused in its own words. When the caller goes, the runner stops.
 */
export interface Inference {
  capabilities(model: HeldModel): Capabilities
  generate(request: GenerateInput, caller?: Caller): Promise<GenerateResponse>
  /** Resolves when the runner has taken the request up; tokens come as they are made, the end last. */
  stream(request: GenerateInput, caller?: Caller): Promise<AsyncIterable<GenerateEvent>>
  classify(request: RunnerClassifyRequest, caller?: Caller): Promise<Labelled[]>
  score(request: ScoreRequest, caller?: Caller): Promise<ScoreResponse['results']>
  embed(request: EmbedRequest, caller?: Caller): Promise<EmbedResponse>
}
