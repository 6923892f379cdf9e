import type { Tensor } from '@weft/ort'
import type { TokenBatch } from '../batch/batch-tensors.ts'
import type { GraphEngine } from '../graph/engine.ts'
import { noContext } from '../regularize/frozen-context.ts'
import type { Plan } from '../run/plan.ts'

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
 * @param windowBytes what the logits of as many tokens as are compared at a time may take, of either. Those of a batch may be gigabytes: 2,048 tokens times
 * a vocabulary of 150,000. Where weights are in blocks, each window makes numbers of the output projection anew.
 */
export const outputLevel = async (
  engine: Pick<GraphEngine, 'hidden' | 'project'>,
  frozen: Pick<GraphEngine, 'hidden' | 'project'>,
  vocabSize: number,
  batches: readonly TokenBatch[],
  windowBytes = 2 ** 27,
): Promise<number | undefined> => {
  let [sum, count] = [0, 0]
  const most = Math.max(1, Math.floor(windowBytes / (4 * vocabSize)))
  for (const batch of batches.map(withoutFirstTokens)) {
    const bare = { ...batch, context: noContext }
    const positions = batch.rows.reduce((n, { weights }) => n + weights.filter((weight) => weight > 0).length, 0)
    const [mine, bases] = [await engine.hidden(batch), await frozen.hidden(bare)]
    for (let from = 0; from < positions; from += most) {
      const rows = Math.min(most, positions - from)
      using own = await engine.project(rowsOf(mine, from, rows), batch)
      using base = await frozen.project(rowsOf(bases, from, rows), bare)
      for (let at = 0; at < rows; at++)
        sum += kullbackLeibler(own.data.subarray(at * vocabSize, (at + 1) * vocabSize), base.data.subarray(at * vocabSize, (at + 1) * vocabSize))
    }
    count += positions
  }
  return count === 0 ? undefined : sum / count
}

const rowsOf = ({ data, shape: [, width] }: Tensor<'float32'>, from: number, count: number): Float32Array => data.subarray(from * width, (from + count) * width)

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
