import type { PluginRegistry } from '@weft/methods'
import type { ModelCatalog } from '../resolve/model-catalog.ts'
import type { ModelDirectory } from '../runner/model-directory.ts'
import type { Training } from '../runner/training.ts'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'
import type { AdapterNames } from '../stores/adapter-names.ts'
import type { Checkpoints } from '../stores/checkpoints.ts'
import type { Jobs } from '../stores/jobs.ts'
import type { TrainingFiles } from '../stores/training-files.ts'
import type { NewEvent } from './event-log.ts'
import type { JobState } from './job-state.ts'

/** What a job needs besides its own memory; bound in the composition root. */
export interface Supervision {
  training: Training
  directory: ModelDirectory
  catalog: ModelCatalog
  jobs: Jobs
  files: TrainingFiles
  blobs: AdapterBlobs
  names: AdapterNames
  plugins: PluginRegistry
  checkpoints: Checkpoints
  /** Seconds since 1970. */
  now(): number
}

/** A job's memory, and how to keep it. */
export interface SupervisedJob {
  state: JobState
  /** Writes the state down; a status that changed also goes to the list of jobs. */
  save(): Promise<void>
  log(event: Omit<NewEvent, 'createdAt'>): void
  mirror(events: NewEvent[]): void
}
