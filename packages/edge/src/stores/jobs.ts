import type { FineTuningJob, TrainingSpec } from '@weft/protocol'

/** A training job: what the outside sees of it, and what a runner is told. */
export interface JobRecord {
  job: FineTuningJob
  /** Complete but for the model's fingerprint, which is pinned when a runner first takes the job. */
  spec: TrainingSpec
}

/** Every job there ever was. After it is made, its Durable Object alone writes it. */
export interface Jobs {
  create(record: JobRecord): Promise<void>
  /** Takes back a job that was just made. */
  delete(id: string): Promise<void>
  save(record: JobRecord): Promise<void>
  get(id: string): Promise<JobRecord | undefined>
  /** Newest first. */
  list(page: { after?: string | undefined; limit: number }): Promise<{ jobs: FineTuningJob[]; hasMore: boolean }>
  /** Ids of jobs that are not final. */
  unfinished(): Promise<string[]>
}
