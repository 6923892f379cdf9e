import type { LoadedAdapter } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime, type Runtime, type Weights } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'
import { placedExpression } from '@weft/training/regularize/expression'
import { noContext } from '@weft/training/regularize/frozen-context'
import { type Asked, Scorer } from '../../compose/scorer.ts'
import { bundledTasks } from '../../compose/tasks/bundled-tasks.ts'
import type { Task } from '../../compose/tasks/task.ts'
import type { RunContext } from '../part.ts'

/** Rows of a task that settings are chosen on; what is trained or shown as an example never sees them. */
export const CHOSEN_ON = 48

/** Positions that are left for an adapter's rows. */
const ROOM = 32

/** A base, and tasks whose answers it is asked for as text. */
export interface AnswerBench extends Disposable {
  model: LoadedModel
  runtime: Runtime
  weights: Weights
  scorer: Scorer
  /** Most tokens of a row: what was asked for, or what the base has room for beside an adapter. */
  maxLength: number
  tasks: Readonly<Record<string, Task>>
  /** The base with adapters, all of them inside the model. */
  askedWith(adapters: readonly LoadedAdapter[]): Asked
}

export const openAnswerBench = async (
  { source, threads }: RunContext,
  { eval: heldOut, maxLength: most }: { eval: number; maxLength: number },
): Promise<AnswerBench> => {
  const stack = new Disposables()
  try {
    const runtime = stack.use(openRuntime())
    const model = await loadModel(source)
    const weights = stack.use(await baseWeights(runtime, model))
    const maxLength = Math.min(most, model.spec.maxPositions - ROOM)
    const scorer = stack.use(new Scorer({ model, runtime, weights, threads, maxLength }))
    const { tasks } = bundledTasks(heldOut)
    const askedWith = (adapters: readonly LoadedAdapter[]): Asked => {
      if (adapters.length === 0) return { contexts: [noContext] }
      const named = adapters.map((adapter, i): [string, LoadedAdapter] => [`operand${i}`, adapter])
      return { contexts: [{ before: [placedExpression(named.map(([name]) => name).join(' + '), new Map(named), model)], after: [] }] }
    }
    const opened = stack.move()
    return { model, runtime, weights, scorer, maxLength, tasks, askedWith, [Symbol.dispose]: () => opened[Symbol.dispose]() }
  } finally {
    stack[Symbol.dispose]()
  }
}

/** The task without the rows that settings are chosen on, and those alone as its held-out rows. */
export const withoutChosen = <T extends Task>(task: T): { learned: T; chosen: T } => ({
  learned: { ...task, rows: task.rows.slice(CHOSEN_ON) } as T,
  chosen: { ...task, heldOut: task.rows.slice(0, Math.min(CHOSEN_ON, task.heldOut.length)) } as T,
})
