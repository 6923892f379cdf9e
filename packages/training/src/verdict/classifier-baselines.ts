import { type Baseline, joined } from '@weft/adapters'
import { confusionOf, type Predictions, pairedGain, scoreConfusion } from '@weft/protocol'
import type { TokenBatch } from '../batch/batch-tensors.ts'
import { spansOf } from '../data/label-tasks.ts'
import type { TokenRow } from '../data/token-row.ts'
import { GraphEngine, type GraphEngineOptions } from '../graph/engine.ts'
import { frozenProgram } from '../graph/frozen-program.ts'
import { HEAD_WEIGHT } from '../graph/head.ts'
import { noContext } from '../regularize/frozen-context.ts'
import { trueLabels } from '../run/metrics.ts'
import { heldOutBatches } from '../run/plan.ts'
import { type Examples, fitLogisticRegression } from './logistic-regression.ts'

/** Texts, or tokens with labels, that a probe learns from at most. */
const MOST_EXAMPLES = 4096
const MOST_ROWS = 1024

export interface ClassifierBaselineOptions extends Omit<GraphEngineOptions, 'values'> {
  labels: readonly string[]
  training: readonly TokenRow[]
  /** Of held-out rows. */
  evaluation: readonly TokenBatch[]
  /** The adapter's, of the same batches. */
  predictions: Predictions
  batchSize: number
  maxLength: number
  /** Rows that training read, each as often as it did. */
  rowsTrained: number
  /** Whether there is anything but a head that was trained: a probe is no baseline of a probe. */
  probe: boolean
}

/** Always the likeliest class; and what the frozen base's own features tell. */
export const classifierBaselines = async (options: ClassifierBaselineOptions): Promise<Baseline[]> => {
  const { labels, training, predictions, program } = options
  const spans = spansIn(labels, program.labelTasks)
  const counts = labels.map(() => 0)
  for (const label of training.flatMap(trueLabels)) counts[label] += 1
  const likeliest = spans.map(({ first, count }) => first + indexOfMost(counts.slice(first, first + count)))
  const always = predictions.truth.map((label) => likeliest[spans.findIndex(({ first, count }) => label < first + count)])
  const majority = baselineOf('majority', always, options)
  return options.probe ? [majority, await onBareFeatures(options, spans)] : [majority]
}

/** What was predicted, beside what the adapter did. */
const baselineOf = (
  name: Baseline['name'],
  predicted: readonly number[],
  { labels, predictions }: ClassifierBaselineOptions,
  trainingRows?: number,
): Baseline => {
  const { truth } = predictions
  const { accuracy, balanced_accuracy, f1 } = scoreConfusion(confusionOf({ truth, predicted }, labels.length), labels)
  const better = truth.map((label, i) => Number(predictions.predicted[i] === label) - Number(predicted[i] === label))
  return {
    name,
    metrics: { accuracy, balanced_accuracy, f1 },
    ...(trainingRows !== undefined && { trainingRows }),
    ...pairedGain(
      better,
      truth.map(() => 1),
    ),
  }
}

/** At most half as many rows as training read, since reading one costs about half of learning from it. */
export const rowsProbed = (trainingRows: number, rowsTrained: number): number => Math.min(trainingRows, MOST_ROWS, Math.max(64, Math.ceil(rowsTrained / 2)))

const onBareFeatures = async (options: ClassifierBaselineOptions, spans: ReturnType<typeof spansIn>): Promise<Baseline> => {
  const { training, evaluation, predictions, program, labels, batchSize, maxLength, rowsTrained } = options
  const rows = evenly(training, rowsProbed(training.length, rowsTrained))
  const bare = { ...frozenProgram(program.model, program.task), numLabels: labels.length, pooling: program.pooling }
  using engine = new GraphEngine({ ...options, program: bare, values: { [HEAD_WEIGHT]: new Float32Array(labels.length * program.model.spec.hiddenSize) } })
  const examples = await featuresOf(engine, heldOutBatches(rows, batchSize, maxLength))
  const predict = await fitLogisticRegression(examples, spans)
  const { features } = await featuresOf(engine, evaluation, Number.POSITIVE_INFINITY)
  const predicted = predict(
    features,
    predictions.truth.map((label) => spans.find(({ first, count }) => label < first + count)!),
  )
  return baselineOf('logistic-regression', predicted, options, rows.length)
}

/** What a head reads of each text, or of each token that has a label. */
const featuresOf = async (engine: GraphEngine, batches: readonly TokenBatch[], most = MOST_EXAMPLES): Promise<Examples> => {
  const size = engine.program.model.spec.hiddenSize
  const parts: Float32Array[] = []
  const classes: number[] = []
  const weights: number[] = []
  for (const batch of batches) {
    if (classes.length >= most) break
    const labels = batch.rows.flatMap(trueLabels)
    const { data } = await engine.features({ ...batch, context: noContext })
    parts.push(data.slice(0, labels.length * size))
    classes.push(...labels)
    weights.push(...batch.rows.flatMap(({ label, weights, rowWeight }) => (label === undefined ? [...weights].filter((w) => w > 0) : [rowWeight])))
  }
  return { features: joined(parts), size, classes, weights }
}

const spansIn = (labels: readonly string[], labelTasks: readonly string[] | undefined) =>
  labelTasks ? spansOf(labelTasks) : [{ first: 0, count: labels.length }]

const evenly = <T>(values: readonly T[], most: number): T[] =>
  values.length <= most ? [...values] : Array.from({ length: most }, (_, i) => values[Math.floor((i * values.length) / most)])

const indexOfMost = (values: readonly number[]): number => values.indexOf(Math.max(...values))
