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

/** A classifier on held-out batches: the class of largest logit against the row's, or against each labelled token's. */
export const classifierMetrics = async (
  engine: GraphEngine,
  batches: readonly TokenBatch[],
  labels: readonly string[],
  labelTasks?: readonly string[],
): Promise<Record<string, number>> => {
  const confusion = labels.map(() => labels.map(() => 0)) // [true][predicted]
  const spans = labelTasks ? spansOf(labelTasks) : [{ first: 0, count: labels.length }]
  for (const batch of batches) {
    const { data } = await engine.logits(batch)
    for (const [i, label] of batch.rows.flatMap(trueLabels).entries()) {
      const scores = data.subarray(i * labels.length, (i + 1) * labels.length)
      // Among the classes of the row's own task.
      const { first, count } = spans.find((span) => label < span.first + span.count)!
      const own = scores.subarray(first, first + count)
      confusion[label][first + own.indexOf(Math.max(...own))] += 1
    }
  }
  return { loss: await meanLoss(engine, batches), ...scoreConfusion(confusion, labels) }
}

/** In the order of a batch's loss rows. */
const trueLabels = ({ label, classes, weights }: TokenRow): number[] => (label === undefined ? [...classes!].filter((_, t) => weights[t] > 0) : [label])

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
