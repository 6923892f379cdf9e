import { confusionOf, type Predictions, scoreConfusion } from '@weft/protocol'
import type { TokenBatch } from '../batch/batch-tensors.ts'
import { spansOf } from '../data/label-tasks.ts'
import type { TokenRow } from '../data/token-row.ts'
import type { GraphEngine } from '../graph/engine.ts'

/** Mean loss per unit of weight over batches: per token, or per row of a classifier. */
export const meanLoss = async (engine: GraphEngine, batches: readonly TokenBatch[]): Promise<number> => (await meanLossUnless(undefined, engine, batches))!

/** The same; undefined where the signal fires before all are read. */
export const meanLossUnless = async (signal: AbortSignal | undefined, engine: GraphEngine, batches: readonly TokenBatch[]): Promise<number | undefined> => {
  let sum = 0
  let weight = 0
  for (const batch of batches) {
    if (signal?.aborted) return undefined
    sum += await engine.loss(batch, 1)
    weight += batch.weight
  }
  return sum / weight
}

/** Without those that are no finite number of float32, which no adapter file holds: one that did could not be read. */
export const writable = (metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(Math.fround(value))))

/** `{ loss, perplexity }` of a language model on held-out batches. */
export const languageMetrics = async (engine: GraphEngine, batches: readonly TokenBatch[]): Promise<Record<string, number>> => {
  const loss = await meanLoss(engine, batches)
  return writable({ loss, perplexity: Math.exp(loss) })
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
      // Where the logits are no numbers, none is the largest.
      predicted.push(first + Math.max(0, own.indexOf(Math.max(...own))))
    }
  }
  const predictions = { truth, predicted }
  return { metrics: writable({ loss: await meanLoss(engine, batches), ...scoreConfusion(confusionOf(predictions, labels.length), labels) }), predictions }
}

/** In the order of a batch's loss rows. */
export const trueLabels = ({ label, classes, weights }: TokenRow): number[] => (label === undefined ? [...classes!].filter((_, t) => weights[t] > 0) : [label])
