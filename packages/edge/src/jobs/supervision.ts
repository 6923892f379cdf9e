import type { PluginRegistry } from '@weft/methods'
import type { FineTuningJobEvent, PublishConfig } from '@weft/protocol'
import type { Signatures } from '../adapters/signatures.ts'
import type { Executors } from '../executors/executors.ts'
import type { PublishGate } from '../gate/publish-gate.ts'
import type { ModelCatalog } from '../resolve/model-catalog.ts'
import type { Trainers } from '../runner/pool/trainers.ts'
import type { AllJobs, TenantStores } from '../stores/tenant-stores.ts'
import type { NewEvent } from './events/event-log.ts'
import type { JobState } from './job-state.ts'

/** What a job needs besides its own memory: what the composition root binds, and the stores of its tenant. */
export interface Supervision extends TenantStores {
  trainers: Trainers
  executors: Executors
  catalog: ModelCatalog
  plugins: PluginRegistry
  signatures: Signatures
  gate: PublishGate
  /** Which names carry no probes. */
  publishing: PublishConfig | undefined
  /** Seconds since 1970. */
  now(): number
}

export type Supervise = (tenant: string) => Supervision

/** What hosts of jobs need before they know whose a job is. */
export interface Supervisors {
  supervise: Supervise
  jobs: AllJobs
}

/** A job's memory, and how to keep it. */
export interface SupervisedJob {
  state: JobState
  /** Writes the state down; a status that changed also goes to the list of jobs. */
  save(): Promise<void>
  log(event: Omit<NewEvent, 'createdAt'>): void
  mirror(events: NewEvent[]): void
  /** Its events that tell of numbers, oldest first. */
  metrics(): AsyncIterable<FineTuningJobEvent>
}
