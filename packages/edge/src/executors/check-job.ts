import { phaseFields, snakeCase, type TaskType } from '@weft/adapters'
import type { Plugin } from '@weft/methods'
import type { CreateJob, Difference, HeldModel, RowKind } from '@weft/protocol'
import { differencesOf } from './differences.ts'
import { executorWithoutModel, notTrainedElsewhere } from './errors.ts'
import type { Executors } from './executors.ts'
import { trainableConfig } from './trainable.ts'

interface Asked {
  request: CreateJob
  plugin: Plugin
  config: Record<string, unknown>
  kind: RowKind
  task: TaskType
  /** The base model's name in the configuration, and what it can do where a runner says so. */
  model: string
  base: HeldModel['spec'] | undefined
}

/** What only a runner of Weft does, by its field in a request; in words, where the field does not say it. */
const words: Readonly<Partial<Record<keyof CreateJob, string>>> = {
  on: 'frozen adapters beneath the one that is trained ("on")',
  from: 'warm start from a published adapter ("from")',
  pairs: 'vectors that are computed from pairs',
  document: 'documents that are read',
  foreignFile: 'reference text',
  joint: 'joint batches of several jobs',
}
const ownFields = [...Object.keys(phaseFields), 'foreignFile', 'joint'] as readonly (keyof CreateJob)[]
/** Rows of which adapters are not learned by gradient alone. */
const ownKinds: readonly RowKind[] = ['pair', 'document']

/**
 * Whether an executor can train what was asked; gives the config that it trains, and what its job is without. Errors: 404 `executor_not_found`; 422
 * `executor_not_here`, `executor_without_model`, `not_trained_elsewhere`; 500 `executor_secret_missing`.
 */
export function checkElsewhere(
  executors: Executors,
  { request, plugin, config, kind, task, model, base }: Asked,
): { config: Record<string, unknown>; differences: Difference[] } {
  const name = request.executor!
  const executor = executors.config(name)
  const hindrance = executors.hindrance(name)
  if (hindrance) throw hindrance
  const own = `Leave the field out, or leave "executor" out, and a runner of Weft does it.`
  for (const field of ownFields)
    if (request[field] !== undefined && request[field] !== null) throw notTrainedElsewhere(name, words[field] ?? `"${field}"`, snakeCase(field), own)
  if (ownKinds.includes(kind))
    throw notTrainedElsewhere(name, `rows of the kind "${kind}"`, 'training_file', 'Leave "executor" out, and a runner of Weft reads them.')
  if (request.pooling !== undefined && request.pooling !== 'peft') throw notTrainedElsewhere(name, `pooling "${request.pooling}"`, 'pooling', own)
  const { precision, checkpointEvery } = request.hyperparameters
  if (precision !== undefined && precision !== 'float32') throw notTrainedElsewhere(name, `${precision} arithmetic`, 'hyperparameters.precision', own)
  if (checkpointEvery !== undefined) throw notTrainedElsewhere(name, 'checkpoints that the edge could go on from', 'hyperparameters.checkpoint_every', own)
  const written = Object.keys((request.method as Record<string, object | null | undefined>)[plugin.id] ?? {})
  const trained = trainableConfig(name, plugin, { config, written, task, base })
  if (executors.pathOf(name, model) === undefined) throw executorWithoutModel(name, model)
  return { config: trained, differences: differencesOf(executor.kind) }
}
