import type { Dataset } from '../data/token-row.ts'
import { cancelled } from '../errors.ts'
import type { TrainingProgram } from '../graph/graph.ts'
import { hasHead } from '../graph/head.ts'
import { type FrozenContext, noContext } from '../regularize/frozen-context.ts'
import type { TrainingEvent } from '../run/events.ts'
import type { LoopState } from '../run/loop.ts'
import type { Plan } from '../run/plan.ts'
import { rowsProbed } from './classifier-baselines.ts'
import { levelBatches } from './level.ts'
import { trainingSample } from './measure.ts'

interface Measuring {
  program: Pick<TrainingProgram, 'task' | 'params'>
  training: Pick<Dataset, 'rows'>
  plan: Plan
  phases: { beneath: FrozenContext }
  /** Whether it is compared with what it was before, too. */
  settled: boolean
}

const rowsIn = (batches: readonly { rows: readonly unknown[] }[]): number => batches.reduce((sum, { rows }) => sum + rows.length, 0)

/** Rows that are read behind the last step: held-out rows by the adapter and each baseline, and some that it learned from. */
function rowsToMeasure({ program, training, plan, phases, settled }: Measuring, { step }: LoopState, probe: boolean): number {
  const heldOut = rowsIn(plan.evaluation)
  const sample = rowsIn(trainingSample(plan))
  // Its metrics and its loss; the base, what lies beneath, and what it was.
  const compared = 3 + Number(phases.beneath !== noContext) + Number(settled)
  if (!hasHead(program.task)) return sample + heldOut * compared + 2 * rowsIn(levelBatches(plan))
  // Of a classifier its answers and its loss; where it is compared with a logistic regression, the features of its rows and of those that this learns from.
  const isProbed = probe && heldOut > 0 && Object.keys(program.params).length > 0
  return sample + heldOut * 2 + (isProbed ? heldOut + rowsProbed(training.rows.length, (step / plan.stepsPerEpoch) * training.rows.length) : 0)
}

/** How far the measuring has come, told at every tenth. */
export class RowsMeasured {
  readonly #onEvent: (event: TrainingEvent) => void
  readonly #signal: AbortSignal | undefined
  #at: { step: number; totalSteps: number; totalRows: number } | undefined
  #rows = 0

  /** @param signal ends the measuring */
  constructor(onEvent: (event: TrainingEvent) => void, signal?: AbortSignal) {
    this.#onEvent = onEvent
    this.#signal = signal
  }

  /** What is read from here on counts. @param probe whether a classifier is compared with a logistic regression */
  begin(run: Measuring, end: LoopState, probe: boolean): void {
    this.#at = { step: end.step, totalSteps: run.plan.totalSteps, totalRows: rowsToMeasure(run, end, probe) }
    this.#onEvent({ type: 'measuring', ...this.#at, rows: 0 })
  }

  /** @throws TrainingError `cancelled` */
  readonly read = (rows: number): void => {
    if (!this.#at) return
    if (this.#signal?.aborted) throw cancelled(this.#at.step)
    const { totalRows } = this.#at
    const before = this.#rows
    // What depends on the rows themselves, such as how many of them a baseline can read, was not known before.
    this.#rows = Math.min(totalRows, before + rows)
    if (Math.floor((10 * this.#rows) / totalRows) > Math.floor((10 * before) / totalRows)) this.#onEvent({ type: 'measuring', ...this.#at, rows: this.#rows })
  }
}
