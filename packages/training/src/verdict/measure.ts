import type { Verdict } from '@weft/adapters'
import { type Measured, type Predictions, verdictOf } from '@weft/protocol'
import type { TokenBatch } from '../batch/batch-tensors.ts'
import { type Dataset, fileRows, type TokenRow } from '../data/token-row.ts'
import { lossNotFinite } from '../errors.ts'
import type { GraphEngine, GraphEngineOptions } from '../graph/engine.ts'
import type { FrozenContext } from '../regularize/frozen-context.ts'
import type { KlToTeacher } from '../regularize/kl-to-teacher.ts'
import type { LoopState } from '../run/loop.ts'
import { meanLoss, trueLabels } from '../run/metrics.ts'
import { over } from '../run/phases.ts'
import type { Plan } from '../run/plan.ts'
import { classifierBaselines } from './classifier-baselines.ts'
import { languageBaselines } from './language-baselines.ts'

/** Batches that the loss on training rows is measured over. */
const TRAINING_BATCHES = 8

interface MeasureOptions {
  /** Runs the adapter as it was kept. */
  engine: GraphEngine
  /** Runs the base. */
  frozen: GraphEngine
  place: Omit<GraphEngineOptions, 'values' | 'program'>
  training: Dataset
  validation: Dataset
  learnedBefore: number
  setAside: boolean
  plan: Plan
  beneath: FrozenContext
  labels: readonly string[]
  maxLength: number
  /** Positions before a row, where the context and no setting bounds it. */
  contextTaken?: number
  batchSize: number
  learningRate: number
  /** Whether a classifier is compared with a logistic regression too. */
  probe: boolean
  end: LoopState
  /** Where its stack is settled: how loud it was before, where the others answer; and what runs it as it was. */
  unsettled: { klToBase: KlToTeacher; loudness: number; engine: GraphEngine | undefined } | undefined
  /** Of a classifier, on held-out rows. */
  classified?: { metrics: Record<string, number>; predictions: Predictions }
}

/** Measures the adapter and its baselines on the held-out rows, and says what they come to. The same run gives the same verdict, however often it was interrupted. */
export const measureVerdict = async (options: MeasureOptions): Promise<Verdict> => {
  const { engine, training, validation, plan, labels, end, maxLength, contextTaken, classified, beneath, unsettled, learnedBefore, setAside } = options
  const trainingLoss = await meanLoss(engine, trainingSample(plan).map(over(beneath)))
  if (!Number.isFinite(trainingLoss)) throw lossNotFinite('loss on training rows', end.step, options.learningRate)
  const { metrics, baselines, before, notFinite } = await comparison(options)
  const silence = unsettled && { before: unsettled.loudness, after: await unsettled.klToBase.mean(engine) }
  return verdictOf({
    score: labels.length > 0 ? 'accuracy' : 'loss',
    metrics,
    baselines,
    trainingLoss,
    rows: { training: fileRows(training.rows), heldOut: fileRows(validation.rows), truncated: training.truncatedRows + validation.truncatedRows },
    steps: end.step,
    bestStep: end.best ? end.bestStep : null,
    stoppedEarly: end.stopped,
    labels,
    classes: classesOf(labels, training.rows, classified?.predictions),
    ...(end.best && { bestLoss: end.bestEvalLoss, lastLoss: end.lastEvalLoss }),
    maxLength,
    ...(contextTaken !== undefined && { contextTaken }),
    unlearned: training.unlearnedRows + validation.unlearnedRows,
    leftOut: training.leftOutRows + validation.leftOutRows,
    repeated: repeatedRows(training.rows, validation.rows),
    learnedBefore,
    setAside,
    epochs: end.step / plan.stepsPerEpoch,
    settled: unsettled !== undefined,
    ...(silence && Object.values(silence).every(Number.isFinite) && { silence }),
    ...(before && { before }),
    ...(notFinite && { notFinite }),
  })
}

/** Of what is measured on a classifier. */
const scores = ['loss', 'accuracy', 'balanced_accuracy', 'f1']

const comparison = async ({
  engine,
  frozen,
  place,
  training,
  plan,
  beneath,
  labels,
  maxLength,
  batchSize,
  end,
  classified,
  probe,
  unsettled,
}: MeasureOptions): Promise<Pick<Verdict, 'metrics' | 'baselines' | 'before'> & Pick<Measured, 'notFinite'>> => {
  const { evaluation } = plan
  if (evaluation.length === 0) return { metrics: {}, baselines: [] }
  if (!classified) return languageBaselines({ engine, frozen, beneath, before: unsettled?.engine, evaluation })
  const baselines = await classifierBaselines({
    ...place,
    program: engine.program,
    labels,
    training: training.rows,
    evaluation,
    predictions: classified.predictions,
    batchSize,
    maxLength,
    rowsTrained: (end.step / plan.stepsPerEpoch) * training.rows.length,
    probe: probe && Object.keys(engine.program.params).length > 0,
  })
  const { metrics } = classified
  return {
    metrics: Object.fromEntries(scores.filter((name) => name in metrics).map((name) => [name, metrics[name]])),
    baselines,
    notFinite: !('loss' in metrics),
  }
}

export const trainingSample = (plan: Plan): TokenBatch[] => {
  const batches: TokenBatch[][] = []
  for (let step = 0; step < plan.stepsPerEpoch && batches.length < TRAINING_BATCHES; step++) batches.push(...plan.microBatches(step))
  return batches.slice(0, TRAINING_BATCHES).flat()
}

const classesOf = (labels: readonly string[], training: readonly TokenRow[], predictions: Predictions = { truth: [], predicted: [] }): Measured['classes'] => {
  const counts = labels.map(() => ({ training: 0, heldOut: 0, found: 0 }))
  if (labels.length > 0) for (const label of training.flatMap(trueLabels)) counts[label].training += 1
  for (const [i, label] of predictions.truth.entries()) {
    counts[label].heldOut += 1
    if (predictions.predicted[i] === label) counts[label].found += 1
  }
  return Object.fromEntries(labels.map((label, i) => [label, counts[i]]))
}

const repeatedRows = (training: readonly TokenRow[], validation: readonly TokenRow[]): number => {
  // Rows that only cutting made equal are not the same row, and a chat is one row, in however many sequences it is learned.
  const contentOf = ({ tokens, targets, said }: TokenRow): string => said ?? `${tokens.join()} ${targets?.join() ?? ''}`
  const known = new Set(training.map(contentOf))
  return validation.filter((row) => !row.goesOn && known.has(contentOf(row))).length
}
