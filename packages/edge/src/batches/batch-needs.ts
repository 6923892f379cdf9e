import type { ModelCatalog } from '../resolve/model-catalog.ts'
import type { Batches } from '../stores/batches.ts'
import type { AllBatches } from '../stores/tenant-stores.ts'
import type { Keys } from '../stores/tenants/keys.ts'
import type { OpenForPrincipal } from '../stores/tenants/open-for-principal.ts'
import type { TrainingFiles } from '../stores/training-files.ts'
import type { AnswerRequest } from './answer-request.ts'

/** What a batch needs besides its own memory: what the composition root binds, and some of its tenant's stores. */
export interface BatchNeeds {
  batches: Batches
  files: TrainingFiles
  keys: Pick<Keys, 'get'>
  catalog: ModelCatalog
  answerRequest: AnswerRequest
  /** What the batch's principal sees, for what its requests name. */
  open: OpenForPrincipal
  /** Requests of one batch that run side by side. */
  batchConcurrency: number
  /** Seconds since 1970. */
  now(): number
}

/** What hosts of batches need before they know whose a batch is. */
export interface BatchSupervisors {
  needsOf(tenant: string): BatchNeeds
  batches: AllBatches
}
