import type { RunnerJob, TrainingSpec } from '@weft/protocol'

/** A file that is read from its store while it is sent: nobody holds all of it. */
export interface StoredFile {
  bytes: number
  stream(): Promise<ReadableStream<Uint8Array>>
}

/** A job's files, as they travel to the runner. */
export interface JobFiles {
  /** JSONL. */
  training: StoredFile
  validation?: StoredFile | undefined
  /** JSONL, for `locality` and `partners`. */
  reference?: StoredFile | undefined
  /** JSONL of what other adapters may be asked, for `locality`. */
  probes?: Uint8Array | undefined
  /** The last checkpoint, when the job goes on after a stop. */
  checkpoint?: Uint8Array | undefined
  /** Adapter files, in the order of the spec's `required`. */
  required: Uint8Array[]
}

/** Training jobs at a runner, which forgets them when it stops. Errors as of inference. */
export interface Training {
  submit(spec: TrainingSpec, files: JobFiles): Promise<void>
  /** Undefined when the runner does not know the job, as after a restart. @param after the last event known */
  job(id: string, after: number): Promise<RunnerJob | undefined>
  checkpoint(id: string): Promise<Uint8Array | undefined>
  result(id: string): Promise<Uint8Array | undefined>
  /** Harmless when the runner does not know the job. */
  cancel(id: string): Promise<void>
}
