import { type PluginRegistry, peftTraining } from '@weft/methods'
import { type HeldModel, type TrainerWork, usualMaxLength } from '@weft/protocol'
import { executorWithoutModel } from '../../executors/errors.ts'
import type { Executors } from '../../executors/executors.ts'
import type { JobRecord } from '../../stores/jobs.ts'
import { checkText } from './check-base.ts'

/** What a trainer is told of its job. */
export function workOf(
  { job, spec }: JobRecord,
  { plugins, executors, model, heldOut }: { plugins: PluginRegistry; executors: Executors; model: HeldModel; heldOut: boolean },
): TrainerWork {
  const path = executors.pathOf(job.executor!, model.name)
  if (path === undefined) throw executorWithoutModel(job.executor!, model.name)
  const { peftConfig, start, positions } = peftTraining(plugins.get(spec.method), spec.config, model.spec, spec.task)
  const { maxPositions } = model.spec
  return {
    job: job.id,
    model: { name: model.name, fingerprint: model.fingerprint, path, maxPositions },
    task: spec.task,
    ...(spec.labels && { labels: spec.labels }),
    peftConfig,
    ...(start && { start }),
    hyperparameters: spec.hyperparameters,
    seed: spec.seed,
    maxLength: Math.min(maxPositions - positions, spec.hyperparameters.maxLength ?? usualMaxLength),
    heldOut,
    validationFile: Boolean(job.validationFile),
    ...(model.spec.tasks.includes('CAUSAL_LM') && { checkText }),
  }
}

/** Positions that stand before a row, where rows are as long as the context leaves room for: a longer `max_length` raises nothing then. */
export const contextTakenOf = ({ maxLength, hyperparameters, model }: TrainerWork): number | undefined =>
  maxLength < (hyperparameters.maxLength ?? usualMaxLength) ? model.maxPositions - maxLength : undefined
