import type { TrainingSpec } from '@weft/protocol'
import type { TokenRow } from '../data/token-row.ts'
import type { GraphEngine } from '../graph/engine.ts'
import type { TrainingProgram } from '../graph/graph.ts'
import { hasHead } from '../graph/head.ts'
import type { FrozenContext } from './frozen-context.ts'
import { KlToTeacher, type ReferenceRow } from './kl-to-teacher.ts'

/** Rows that are kept for it at most, evenly taken: of a file of any length, more than the steps of a settlement read. */
const MOST_ROWS = 4096

/**
 * Whether a run compares the adapter with what it answered before. A classifier answers by its head alone, and a model whose weights are replaced by a
 * projection that is not the base's.
 */
export const keepsAnswers = ({ settles, task }: TrainingSpec, { plugin }: TrainingProgram): boolean =>
  settles !== undefined && !hasHead(task) && !plugin.sites.includes('weights')

/**
 * What an adapter that is settled keeps its task by, besides its rows: to answer rows of its own as it did before (Li & Hoiem 2017, learning without
 * forgetting). A row's one answer says less than how likely each was held: by the answers alone, few rows a step, an adapter loses of its skill while it learns
 * to be silent.
 *
 * @param before runs the model with the adapter as it was, and what lies beneath
 * @param rows that it learns from
 */
export const klToBefore = (
  { seed, hyperparameters: { batchSize } }: TrainingSpec,
  { before, beneath, rows }: { before: GraphEngine; beneath: FrozenContext; rows: readonly TokenRow[] },
): KlToTeacher | undefined => {
  const stride = Math.ceil(rows.length / MOST_ROWS)
  // Of a row of one token nothing is predicted.
  const own = rows.flatMap((row, i) => (i % stride === 0 ? [ownRow(row)] : [])).filter(({ tokens, from }) => tokens.length > Math.max(1, from))
  if (own.length === 0) return undefined
  const answers = rows[0].targets !== undefined
  return new KlToTeacher(own, { teacher: before, beneath, batchSize, stream: 'before', probability: 1, weight: 1, seed, answers })
}

const ownRow = ({ tokens, targets, weights }: TokenRow): ReferenceRow => {
  if (targets) return { tokens: [...tokens, ...targets], from: tokens.length }
  const from = weights.findIndex((weight) => weight > 0)
  return { tokens: [...tokens], from: from > 1 ? from : 0 }
}
