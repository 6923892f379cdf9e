import type { TokenBatch } from '../batch/batch-tensors.ts'
import type { GraphEngine } from '../graph/engine.ts'
import { noContext } from '../regularize/frozen-context.ts'
import type { Plan } from './plan.ts'

/** Batches that a level is measured over: a mean over some hundred tokens is steady. */
const BATCHES = 8

/** What a run's level is measured over: held-out rows, or where there are none those of its first step. */
export const levelBatches = ({ evaluation, batches }: Pick<Plan, 'evaluation' | 'batches'>): TokenBatch[] =>
  (evaluation.length > 0 ? evaluation : batches(0)).slice(0, BATCHES)

/**
 * How loud an adapter usually is: the mean of KL(with the adapter ‖ base) over the tokens of its own answers, in nats. `experts(…)`
 * divides by it, so that adapters of which one always says much and another always little are heard by the same measure. Undefined where no token
 * could be measured: that is no silence.
 *
 * @param frozen runs the bare base
 */
export const outputLevel = async (engine: GraphEngine, frozen: GraphEngine, vocabSize: number, batches: readonly TokenBatch[]): Promise<number | undefined> => {
  let [sum, count] = [0, 0]
  for (const batch of batches.map(withoutFirstTokens)) {
    const positions = batch.rows.reduce((n, { weights }) => n + weights.filter((weight) => weight > 0).length, 0)
    const own = (await engine.logits(batch)).data.slice()
    const { data: base } = await frozen.logits({ ...batch, context: noContext })
    for (let at = 0; at < positions; at++)
      sum += kullbackLeibler(own.subarray(at * vocabSize, (at + 1) * vocabSize), base.subarray(at * vocabSize, (at + 1) * vocabSize))
    count += positions
  }
  return count === 0 ? undefined : sum / count
}

/** Only rows in front predict a text's first token; the bare base has none. */
const withoutFirstTokens = (batch: TokenBatch): TokenBatch => ({
  ...batch,
  rows: batch.rows.map((row) => (row.targets ? row : { ...row, weights: row.weights.with(0, 0) })),
})

/** KL(softmax(p) ‖ softmax(q)) = Σ softmax(p)·(p − q) − log Σ exp p + log Σ exp q, of logits. */
export const kullbackLeibler = (p: Float32Array, q: Float32Array): number => {
  const [pMax, qMax] = [largest(p), largest(q)]
  let [pSum, qSum, moved] = [0, 0, 0]
  for (let v = 0; v < p.length; v++) {
    const share = Math.exp(p[v] - pMax)
    pSum += share
    qSum += Math.exp(q[v] - qMax)
    moved += share * (p[v] - q[v])
  }
  return Math.max(0, moved / pSum - (pMax + Math.log(pSum)) + (qMax + Math.log(qSum)))
}

const largest = (values: Float32Array): number => {
  let most = -Infinity
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i]
  return most
}
