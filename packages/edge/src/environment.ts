import type { BatchRpc } from './batches/cloudflare/batch-rpc.ts'
import type { TrainingJobRpc } from './jobs/cloudflare/training-job-rpc.ts'
import type { TenantLimitsRpc } from './limits/cloudflare/tenant-limits-rpc.ts'

/** What a message on the training queue says: which job is to be woken. */
export interface TrainingMessage {
  job: string
}

/** What a message on the batches' queue says: which batch is to be woken. */
export interface BatchMessage {
  batch: string
}

/** The Worker's bindings, as `wrangler.toml` declares them. */
export interface Environment {
  ADAPTERS: R2Bucket
  FILES: R2Bucket
  CHECKPOINTS: R2Bucket
  DB: D1Database
  ROUTES: KVNamespace
  TRAINING: Queue<TrainingMessage>
  TRAINING_JOB: DurableObjectNamespace<TrainingJobRpc>
  BATCHES: Queue<BatchMessage>
  BATCH: DurableObjectNamespace<BatchRpc>
  /** Requests of one batch that run side by side. */
  BATCH_CONCURRENCY: string
  TENANT_LIMITS: DurableObjectNamespace<TenantLimitsRpc>
  /** What requests came to, where the deployment has such a dataset. */
  METRICS?: AnalyticsEngineDataset
  /** `off`: no line in the log for each request. */
  LOG_REQUESTS?: string
  /** The console's files; absent in a deployment without one. */
  ASSETS?: Fetcher
  RUNNER_URL: string
  RUNNER_TIMEOUT_MS: string
  /** How long a request waits for a runner that is starting, in milliseconds. */
  RUNNER_START_MS: string
  MAX_FILE_BYTES: string
  /** The most that any request may take, in milliseconds. */
  REQUEST_TIMEOUT_MS: string
  /** How long an answer that is not streamed may take, in milliseconds, before blanks are sent ahead of it. */
  BLANKS_AFTER_MS: string
  /** Secret that the runner asks for; absent when it asks for none. */
  RUNNER_TOKEN?: string
  /** Secret: this deployment's Ed25519 private key (PKCS #8 in PEM), which signs what jobs publish. */
  SIGNING_KEY?: string
  /** Secret: sha256 of the API key, in hex. The key itself is nowhere. */
  API_KEY_SHA256?: string
  /**
   * Keys in the clear with spaces between, good on loopback only; for local development, set by a launcher. With them and without
   * `API_KEY_SHA256` this machine alone is let in.
   */
  LOCAL_KEY?: string
  /** Where a person finds the local key, as the welcome page should spell it. */
  LOCAL_KEY_FILE?: string
}
