import type { BatchRpc } from './batches/cloudflare/batch-rpc.ts'
import type { DeploymentVariables } from './deployment/variables.ts'
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

/** The Worker's bindings and variables, as `wrangler.toml` declares them. */
export interface Environment extends DeploymentVariables {
  ADAPTERS: R2Bucket
  FILES: R2Bucket
  CHECKPOINTS: R2Bucket
  DB: D1Database
  ROUTES: KVNamespace
  TRAINING: Queue<TrainingMessage>
  TRAINING_JOB: DurableObjectNamespace<TrainingJobRpc>
  BATCHES: Queue<BatchMessage>
  BATCH: DurableObjectNamespace<BatchRpc>
  TENANT_LIMITS: DurableObjectNamespace<TenantLimitsRpc>
  /** What requests came to, where the deployment has such a dataset. */
  METRICS?: AnalyticsEngineDataset
  /** The console's files; absent in a deployment without one. */
  ASSETS?: Fetcher
}
