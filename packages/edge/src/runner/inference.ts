import type { Composed } from '@weft/adapters'
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
import type { SiteSupport, Support } from './site-support.ts'

/** What inference over a base model can do. */
export interface Capabilities {
  /** By site, how an adapter that acts there is served. */
  sites: Readonly<Record<string, Support>>
  /** Compositions whose answers are combined. */
  outputs: Support
  /** PEFT's task types. */
  tasks: readonly string[]
}

/**
 * Inference at a runner. Every call rejects with a coded error: 503 `runner_unavailable`, 504 `runner_timeout`, 424
 * `composition_not_held`, or what the runner refused in its own words. When the caller goes, the runner stops.
 */
export interface Inference {
  /** Who answers: `weft`, or the server behind it. */
  backend: string
  capabilities(model: HeldModel): Capabilities
  /** What of a composition is served in another way than its sites are in general: by its numbers, its strengths or its sizes. */
  exceptions(composed: Composed, model: HeldModel): readonly SiteSupport[]
  generate(request: GenerateInput, caller?: Caller): Promise<GenerateResponse>
  /** Resolves when the runner has taken the request up; tokens come as they are made, the end last. */
  stream(request: GenerateInput, caller?: Caller): Promise<AsyncIterable<GenerateEvent>>
  classify(request: RunnerClassifyRequest, caller?: Caller): Promise<Labelled[]>
  score(request: ScoreRequest, caller?: Caller): Promise<ScoreResponse['results']>
  embed(request: EmbedRequest, caller?: Caller): Promise<EmbedResponse>
}
