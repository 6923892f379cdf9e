import type { Baseline, Verdict } from '@weft/adapters'
import { type Measured, pairedGain } from '@weft/protocol'
import { type TokenBatch, tokenBatch } from '../batch/batch-tensors.ts'
import type { GraphEngine } from '../graph/engine.ts'
import { type FrozenContext, noContext } from '../regularize/frozen-context.ts'
import { writable } from '../run/metrics.ts'

/** Batches below which rows are measured one by one: what two or three of them differ by tells nothing of chance. */
const FEW_BATCHES = 8

interface LanguageBaselineOptions {
  /** Runs the adapter. */
  engine: GraphEngine
  /** Runs the base, bare or over what lies beneath. */
  frozen: GraphEngine
  beneath: FrozenContext
  /** Runs the adapter as it was before it was settled. */
  before?: GraphEngine | undefined
  /** Of held-out rows. */
  evaluation: readonly TokenBatch[]
}

/** The adapter's loss on held-out rows, and on the same tokens, those that all predict, the base's, and its own from before it was settled. */
export const languageBaselines = async ({
  engine,
  frozen,
  beneath,
  before,
  evaluation,
}: LanguageBaselineOptions): Promise<Pick<Verdict, 'metrics' | 'baselines' | 'before'> & Pick<Measured, 'notFinite'>> => {
  const measured = evaluation.map(predictedByBoth)
  const batches = (measured.length < FEW_BATCHES ? oneByOne(measured) : measured).filter(({ weight }) => weight > 0)
  if (batches.length === 0) return { metrics: {}, baselines: [] }
  const weights = batches.map(({ weight }) => weight)
  const own = await lossesOf(engine, batches)
  const compared = async (other: GraphEngine, context: FrozenContext): Promise<Omit<Baseline, 'name'>> => {
    const losses = await lossesOf(
      other,
      batches.map((batch) => ({ ...batch, context })),
    )
    return {
      metrics: metricsOf(losses, weights),
      ...pairedGain(
        losses.map((loss, i) => loss - own[i]),
        weights,
      ),
    }
  }
  const baseline = async (name: Baseline['name'], context: FrozenContext): Promise<Baseline> => ({ name, ...(await compared(frozen, context)) })
  const baselines = [await baseline('base', noContext)]
  if (beneath !== noContext) baselines.push(await baseline('beneath', beneath))
  const was = before && (await compared(before, beneath))
  const metrics = metricsOf(own, weights)
  // Nothing is better or worse than what is no number.
  if ([metrics, ...[...baselines, ...(was ? [was] : [])].map((one) => one.metrics)].some(({ loss }) => loss === undefined))
    return { metrics: {}, baselines: [], notFinite: true }
  return { metrics, baselines, ...(was && { before: was }) }
}

/** Without the first tokens of texts: rows in front predict them, and the bare base has none. */
const predictedByBoth = (batch: TokenBatch): TokenBatch => ({
  ...tokenBatch(
    batch.rows.map((row) => (row.targets || row.weights.length === 0 ? row : { ...row, weights: row.weights.with(0, 0) })),
    batch.bucket,
  ),
  ...(batch.context && { context: batch.context }),
})

/** Each row alone, all in one shape. */
const oneByOne = (batches: readonly TokenBatch[]): TokenBatch[] => {
  const most = (of: (batch: TokenBatch) => number): number => Math.max(...batches.map(of))
  const learned = most(({ rows }) => Math.max(...rows.map(({ weights }) => weights.filter((weight) => weight > 0).length)))
  const targets = most(({ bucket }) => bucket.targets ?? 0)
  const bucket = { rows: 1, length: most(({ bucket }) => bucket.length), lossRows: Math.max(8, 8 * Math.ceil(learned / 8)), ...(targets > 0 && { targets }) }
  return batches.flatMap(({ rows, context }) => rows.map((row) => ({ ...tokenBatch([row], bucket), ...(context && { context }) })))
}

const lossesOf = async (engine: GraphEngine, batches: readonly TokenBatch[]): Promise<number[]> => {
  const losses: number[] = []
  for (const batch of batches) losses.push(await engine.loss(batch, 1))
  return losses
}

const metricsOf = (losses: readonly number[], weights: readonly number[]): Record<string, number> => {
  const loss = losses.reduce((sum, each) => sum + each, 0) / weights.reduce((sum, each) => sum + each, 0)
  return writable({ loss, perplexity: Math.exp(loss) })
}
