import type { FineTuningJob, TrainingSpec } from '@weft/protocol'

/** A training job: what the outside sees of it, and what a runner is told. */
export interface JobRecord {
  /** Whose it is; the default tenant's where it was made before there were others. */
  tenant?: string
  /** Who made it: a key's id or a token's subject. */
  by?: string
  job: FineTuningJob
  /** Complete but for the model's fingerprint, which is pinned when a runner first takes the job. */
  spec: TrainingSpec
  /** How many times its method's own rate it trains at, where that depends on the base and nobody told of the base yet. */
  timesUsual?: number
}

/** Every job that a tenant ever had. After it is made, its Durable Object alone writes it. */
export interface Jobs {
  /** All of them, or none. Error 409 `idempotency_key_in_use` where one of them is there. */
  create(records: readonly JobRecord[]): Promise<void>
  /** Takes back jobs that were just made: all of them, or none. */
  delete(ids: readonly string[]): Promise<void>
  save(record: JobRecord): Promise<void>
  /** Ids of jobs that have not ended, and that one of these made. */
  unfinishedOf(principals: readonly string[]): Promise<string[]>
  get(id: string): Promise<JobRecord | undefined>
  /** Those of these that there are, in no order, all in one question. */
  getAll(ids: readonly string[]): Promise<JobRecord[]>
  /** Those of a settlement, in no order. */
  settledIn(settlement: string): Promise<FineTuningJob[]>
  /** Newest first. */
  list(page: { after?: string | undefined; limit: number }): Promise<{ jobs: FineTuningJob[]; hasMore: boolean }>
}
