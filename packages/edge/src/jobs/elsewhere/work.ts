import { type PluginRegistry, peftTraining } from '@weft/methods'
import { type HeldModel, readTrainingRows, splitHeldOut, type TrainerWork, usualMaxLength } from '@weft/protocol'
import { executorWithoutModel } from '../../executors/errors.ts'
import type { Executors } from '../../executors/executors.ts'
import type { JobRecord } from '../../stores/jobs.ts'
import { lostContent } from '../../stores/lost-content.ts'
import type { TrainingFiles } from '../../stores/training-files.ts'
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
    ...(model.spec.tasks.includes('CAUSAL_LM') && { checkText }),
  }
}

/** Positions that stand before a row, where rows are as long as the context leaves room for: a longer `max_length` raises nothing then. */
export const contextTakenOf = ({ maxLength, hyperparameters, model }: TrainerWork): number | undefined =>
  maxLength < (hyperparameters.maxLength ?? usualMaxLength) ? model.maxPositions - maxLength : undefined

/** A job's rows as a trainer gets them, line by line as they were uploaded: those that it learns from, and those that are held out, which are the same that a runner would hold out. */
export async function rowsOf({ job, spec }: JobRecord, files: TrainingFiles): Promise<{ training: string; validation: string }> {
  const training = await contentOf(files, job.trainingFile, 'training_file')
  if (job.validationFile) return { training, validation: await contentOf(files, job.validationFile, 'validation_file') }
  const lines = training.split('\n')
  const { rows } = await readTrainingRows(training)
  const split = splitHeldOut(rows, spec.seed)
  const joined = (part: readonly { line: number }[]): string => part.map(({ line }) => `${lines[line - 1]!.trim()}\n`).join('')
  return { training: joined(split.training), validation: joined(split.validation) }
}

async function contentOf(files: TrainingFiles, id: string, param: string): Promise<string> {
  const content = await files.content(id)
  if (!content) throw await lostContent(files, id, param)
  return new TextDecoder().decode(content)
}
