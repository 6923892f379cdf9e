import { readFile } from 'node:fs/promises'
import { checkLabels, readTrainingRows, usualMaxLength } from '@weft/protocol'
import { planRun, programPlacement } from '@weft/training'
import { rowTokenizer } from '@weft/training/data/row-tokenizer'
import { tokenizeRowsInSlices } from '@weft/training/data/tokenize-rows'
import { hasHead } from '@weft/training/graph/head'

import { round } from '../statistics.ts'
import { openTrainingStep, peakMegabytes, type TrainingStepOptions } from './training-step.ts'

export interface BenchFileOptions extends TrainingStepOptions {
  /** A training file, JSON Lines. */
  data: string
  steps: number
}

export interface BenchFileResult {
  file_rows: number
  file_steps: number
  /** Tokens of the file itself a second: padding takes time and counts for nothing. */
  real_tokens_per_s: number
  /** The same in CPU time, all threads together, for machines that are busy with other things. */
  real_tokens_per_cpu_s: number
  /** Positions that were computed for nothing, of all. */
  padding_share: number
  file_peak_mb: number
}

/**
 * Times whole steps over a file's own rows, in the batches and the buckets that a job would take. What prepares a
 * bucket's session is not counted: a job pays it once.
 */
export const benchFile = async (options: BenchFileOptions): Promise<BenchFileResult> => {
  const { rows: given, summary } = await readTrainingRows(await readFile(options.data))
  const labels = given.some(({ row }) => 'label' in row) ? checkLabels(summary) : ['0', '1']
  const labelled = 'label' in given[0].row
  using step = await openTrainingStep({ ...options, ...(labelled && { task: options.task ?? 'SEQ_CLS' }), labels })
  const { program } = step
  const { model, task } = program
  const placement = programPlacement(program)
  const maxLength = Math.min(model.spec.maxPositions - placement.rows - placement.prefix, usualMaxLength)
  const { rows } = await tokenizeRowsInSlices(given, {
    file: options.data,
    task,
    tokenizer: rowTokenizer(step.loaded),
    maxLength,
    labels: hasHead(task) ? labels : [],
    model: step.loaded.name,
    predictsFirst: placement.rows > 0,
  })
  const plan = planRun({ rows, validation: [], batchSize: options.batch, gradientAccumulation: 1, nEpochs: 1, maxLength, seed: 0 })
  const steps = Math.min(options.steps, plan.totalSteps)
  const batches = Array.from({ length: steps }, (_, i) => plan.batches(i)[0])
  const prepared = new Set<string>()
  for (const batch of batches) {
    const key = JSON.stringify(batch.bucket)
    if (!prepared.has(key)) await step.run(batch)
    prepared.add(key)
  }
  let [ms, cpuMs, tokens, positions] = [0, 0, 0, 0]
  for (const batch of batches) {
    const time = await step.run(batch)
    ms += time.ms
    cpuMs += time.cpu_ms
    tokens += batch.tokens
    positions += batch.bucket.rows * (batch.bucket.length + (batch.bucket.targets ?? 0))
  }
  return {
    file_rows: rows.length,
    file_steps: steps,
    real_tokens_per_s: round((tokens / ms) * 1000, 1),
    real_tokens_per_cpu_s: round((tokens / cpuMs) * 1000, 1),
    padding_share: round(1 - tokens / positions, 3),
    file_peak_mb: round(peakMegabytes(), 0),
  }
}
