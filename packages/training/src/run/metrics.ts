import type { TokenBatch } from '../batch/batch-tensors.ts'
import { spansOf } from '../data/label-tasks.ts'
import type { TokenRow } from '../data/token-row.ts'
import type { GraphEngine } from '../graph/engine.ts'

/** Mean loss per unit of weight over batches: per token, or per row of a classifier. */
export const meanLoss = async (engine: GraphEngine, batches: readonly TokenBatch[]): Promise<number> => {
  let sum = 0
  let weight = 0
  for (const batch of batches) {
    sum += await engine.loss(batch, 1)
    weight += batch.weight
  }
  return sum / weight
}

/** `{ loss, perplexity }` of a language model on held-out batches. */
export const languageMetrics = async (engine: GraphEngine, batches: readonly TokenBatch[]): Promise<Record<string, number>> => {
  const loss = await meanLoss(engine, batches)
  return { loss, perplexity: Math.exp(loss) }
}

/** True and predicted classes, of texts or of tokens that have labels. */
export interface Predictions {
  truth: readonly number[]
  predicted: readonly number[]
}

/** A classifier on held-out batches: the class of largest logit against the row's, or against each labelled token's. */
export const classifierMetrics = async (
  engine: GraphEngine,
  batches: readonly TokenBatch[],
  labels: readonly string[],
  labelTasks?: readonly string[],
): Promise<{ metrics: Record<string, number>; predictions: Predictions }> => {
  const truth: number[] = []
  const predicted: number[] = []
  const spans = labelTasks ? spansOf(labelTasks) : [{ first: 0, count: labels.length }]
  for (const batch of batches) {
    const { data } = await engine.logits(batch)
    for (const [i, label] of batch.rows.flatMap(trueLabels).entries()) {
      const scores = data.subarray(i * labels.length, (i + 1) * labels.length)
      // Among the classes of the row's own task.
      const { first, count } = spans.find((span) => label < span.first + span.count)!
      const own = scores.subarray(first, first + count)
      truth.push(label)
      predicted.push(first + own.indexOf(Math.max(...own)))
    }
  }
  const predictions = { truth, predicted }
  return { metrics: { loss: await meanLoss(engine, batches), ...scoreConfusion(confusionOf(predictions, labels.length), labels) }, predictions }
}

/** `[C][C]`: how many by true class, then by predicted class. */
export const confusionOf = ({ truth, predicted }: Predictions, classes: number): number[][] => {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (const [i, label] of truth.entries()) confusion[label][predicted[i]] += 1
  return confusion
}

/** In the order of a batch's loss rows. */
export const trueLabels = ({ label, classes, weights }: TokenRow): number[] => (label === undefined ? [...classes!].filter((_, t) => weights[t] > 0) : [label])

/**
 * Accuracy; balanced accuracy (mean recall of the classes that occur); macro F1 over those classes; rows (of tokens with labels, tokens) and correct rows per class.
 * @param confusion `[C][C]`: rows by true class, then by predicted class
 */
export const scoreConfusion = (confusion: readonly (readonly number[])[], labels: readonly string[]): Record<string, number> => {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  const present = labels.map((_, c) => c).filter((c) => sum(confusion[c]) > 0)
  const recall = (c: number): number => confusion[c][c] / sum(confusion[c])
  const f1 = (c: number): number => (2 * confusion[c][c]) / (sum(confusion[c]) + sum(confusion.map((row) => row[c])))
  return {
    accuracy: sum(labels.map((_, c) => confusion[c][c])) / sum(confusion.map(sum)),
    balanced_accuracy: sum(present.map(recall)) / present.length,
    f1: sum(present.map(f1)) / present.length,
    ...Object.fromEntries(
      labels.flatMap((label, c) => [
        [`rows.${label}`, sum(confusion[c])],
        [`correct.${label}`, confusion[c][c]],
      ]),
    ),
  }
}
