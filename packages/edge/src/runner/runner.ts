import type {
  EmbedRequest,
  EmbedResponse,
  GenerateEvent,
  GenerateInput,
  GenerateResponse,
  Health,
  Labelled,
  RunnerClassifyRequest,
  RunnerJob,
  ScoreRequest,
  ScoreResponse,
  TrainingSpec,
} from '@weft/protocol'

/** A job's files, as they travel to the runner. */
export interface JobFiles {
  /** JSONL. */
  training: Uint8Array
  validation?: Uint8Array | undefined
  /** JSONL, for `locality` and `partners`. */
  foreign?: Uint8Array | undefined
  /** The last checkpoint, when the job goes on after a stop. */
  checkpoint?: Uint8Array | undefined
  /** Adapter files, in the order of the spec's `required`. */
  required: Uint8Array[]
}

/**
 * What the edge asks of a runner. Every call rejects with a coded error: 503 `runner_unavailable`, 504 `runner_timeout`, 424
 * `composition_not_held`, or what the runner refused in its own words. `signal` is the client's: when it goes, the runner stops.
 */
export interface Runner {
  health(signal?: AbortSignal): Promise<Health>
  putComposition(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>
  generate(request: GenerateInput, signal?: AbortSignal): Promise<GenerateResponse>
  /** Resolves when the runner has taken the request up; tokens come as they are made, the end last. */
  stream(request: GenerateInput, signal?: AbortSignal): Promise<AsyncIterable<GenerateEvent>>
  classify(request: RunnerClassifyRequest, signal?: AbortSignal): Promise<Labelled[]>
  score(request: ScoreRequest, signal?: AbortSignal): Promise<ScoreResponse['results']>
  embed(request: EmbedRequest, signal?: AbortSignal): Promise<EmbedResponse>
  submitJob(spec: TrainingSpec, files: JobFiles): Promise<void>
  /** Undefined when the runner does not know the job, as after a restart. */
  job(id: string, after: number): Promise<RunnerJob | undefined>
  checkpoint(id: string): Promise<Uint8Array | undefined>
  result(id: string): Promise<Uint8Array | undefined>
  /** Harmless when the runner does not know the job. */
  cancelJob(id: string): Promise<void>
}
