import { type LoadedAdapter, readAdapter, writeAdapter } from '@weft/adapters'
import { retentions, type Scores, subsets } from '../../compose/retentions.ts'
import { type Score, scored } from '../../compose/score.ts'
import type { Task } from '../../compose/tasks/task.ts'
import { trainAdapter } from '../../compose/train-adapter.ts'
import { taskArithmetic, ties } from '../merge/merges.ts'
import { asLinear, scaled, type TaskVector, taskVectorOf } from '../merge/task-vectors.ts'
import type { RunContext } from '../part.ts'
import type { Cell, Values } from '../row.ts'
import { type AnswerBench, openAnswerBench, withoutChosen } from './answer-bench.ts'
import { rateOf, usualComposition } from './compose-options.ts'

const METHOD = 'lora'
/** Tokens of a row, as composition has them. */
const MAX_LENGTH = 64
/** What the paper keeps. */
const DENSITY = 0.2
const STRENGTHS = [0.3, 0.5, 0.7, 1]

export const mergeWays = ['sum', 'task arithmetic', 'ties'] as const

export const mergeCell = (model: string, seed: number): Cell => {
  const { steps, batch, eval: heldOut } = usualComposition
  return {
    settings: {
      measure: 'lora merge',
      model,
      method: METHOD,
      steps,
      batch,
      eval: heldOut,
      learningRate: rateOf(METHOD, model),
      strengths: STRENGTHS,
      density: DENSITY,
    },
    seed,
  }
}

const merges: Readonly<Record<(typeof mergeWays)[number], { of(vectors: readonly TaskVector[]): TaskVector; strengths: readonly number[] }>> = {
  sum: { of: taskArithmetic, strengths: [1] },
  'task arithmetic': { of: taskArithmetic, strengths: STRENGTHS },
  ties: { of: (vectors) => ties(vectors, DENSITY), strengths: STRENGTHS },
}

/** Of each way to merge: the strength that is best in pairs on rows that nothing was trained on, and what is then kept on held-out rows: `pairs`, `worst`, `three`. */
export const loraMerge = async ({ settings, seed }: Cell, context: RunContext): Promise<Values> => {
  const given = { ...usualComposition, ...(settings as Partial<typeof usualComposition>) }
  using bench = await openAnswerBench(context, { eval: given.eval, maxLength: MAX_LENGTH })
  const tasks = Object.fromEntries(Object.entries(bench.tasks).map(([name, task]) => [name, withoutChosen(task)]))
  const names = Object.keys(tasks)
  const { steps, batch } = given
  const learningRate = rateOf(METHOD, settings.model)
  const options = {
    ...usualComposition,
    ...context,
    model: context.source,
    method: METHOD,
    phase: 'none',
    operator: 'sum',
    steps,
    batch,
    learningRate,
    seed,
  } as const
  const adapters: Record<string, LoadedAdapter> = {}
  for (const name of names) {
    adapters[name] = await trainAdapter({ ...bench, options }, { name, rows: tasks[name].learned.rows, steps, learningRate, reference: [] })
  }
  const kept = async (part: 'chosen' | 'learned', merged: (expression: string) => Promise<LoadedAdapter>, expressions: readonly string[]) => {
    const scores = async (expression: string, asked: readonly LoadedAdapter[]): Promise<Record<string, Score>> => {
      const found: Record<string, Score> = {}
      for (const name of expression.split(' + ')) found[name] = await scored(bench.scorer, bench.askedWith(asked), tasks[name][part] as Task)
      return found
    }
    const base = await scores(names.join(' + '), [])
    const composed: Scores = {}
    for (const name of names) composed[name] = await scores(name, [adapters[name]])
    for (const expression of expressions) composed[expression] = await scores(expression, [await merged(expression)])
    return retentions(names, base, composed)
  }
  const several = subsets(names).filter((expression) => expression.includes(' + '))
  const pairs = several.filter((expression) => expression.split(' + ').length === 2)
  const result: Record<string, Values> = {}
  for (const [way, { of, strengths }] of Object.entries(merges)) {
    const whole = new Map(several.map((expression) => [expression, of(expression.split(' + ').map((name) => taskVectorOf(adapters[name])))]))
    const at = (strength: number) => (expression: string) => asAdapter(bench, adapters[names[0]], scaled(whole.get(expression)!, strength))
    const tried: { strength: number; mean: number }[] = []
    for (const strength of strengths.length > 1 ? strengths : [])
      tried.push({ strength, mean: (await kept('chosen', at(strength), pairs)).mean_retention ?? Number.NEGATIVE_INFINITY })
    const strength = tried.length === 0 ? strengths[0] : tried.reduce((a, b) => (b.mean > a.mean ? b : a)).strength
    const { mean_retention, worst, three_at_once } = await kept('learned', at(strength), several)
    result[way] = { strength, pairs: mean_retention, worst, three: three_at_once }
    context.onNote(`  ${way}: ${JSON.stringify(result[way])}`)
  }
  return result
}

/** A merged vector as an adapter file would hold it. */
const asAdapter = async ({ model }: AnswerBench, { manifest }: LoadedAdapter, vector: TaskVector): Promise<LoadedAdapter> => {
  const { method, config, task, lineage, base } = manifest
  return readAdapter(await writeAdapter({ method, config, task, lineage, base }, { linear: asLinear(vector) }), { model: model.spec })
}
