import { cutTask } from '../../defaults/cut.ts'
import { lossOn } from '../../defaults/scores.ts'
import type { SplitTask } from '../../defaults/task.ts'
import { deltaCosine } from '../merge/delta-cosine.ts'
import { taskVectorOf } from '../merge/task-vectors.ts'
import type { RunContext } from '../part.ts'
import type { Cell, Values } from '../row.ts'
import { taskOf } from '../tasks.ts'
import { recipe, sessionOf, trainOn } from './train.ts'

/** Texts of three kinds that have nothing to do with one another. */
export const domains = ['mail', 'novel', 'speech'] as const
export const domainPairs = domains.flatMap((a, i) => domains.slice(i + 1).map((b) => [a, b] as const))

/** Rank and α as published. The rate is LoRA's own default here, over what α makes of a step: 16 times one of α = r. */
const published = { method: 'lora', config: { r: 4, loraAlpha: 64 }, learning_rate: 6.25e-4 }

export const sumCell = (model: string, seed: number): Cell => ({ settings: { measure: 'lora sum', model, ...published, ...recipe, held_out: 72 }, seed })

/**
 * A LoRA for each domain, and for each pair of domains one trained on both, with the steps of both. Of each domain `base` and `alone`, of each pair `sum` (the two
 * added) and `joint`: perplexity per token of held-out texts, a pair's of both domains; of each pair `change`, sum over joint less 1, and `cosine`.
 */
export const loraSum = async (cell: Cell, context: RunContext): Promise<Values> => {
  const { steps, max_length, held_out } = cell.settings as unknown as typeof recipe & { held_out: number }
  await using session = await sessionOf(cell, context)
  const tasks = Object.fromEntries(
    domains.map((name): [string, SplitTask] => {
      const task = cutTask(session.model, taskOf(`domain/${name}`), max_length)
      return [name, { ...task, heldOut: task.heldOut.slice(0, held_out) }]
    }),
  )
  const perplexity = async (expression: string, { heldOut }: SplitTask): Promise<number> => Math.exp(await lossOn(session, expression, heldOut))
  const found: Record<string, Record<string, number>> = {}
  for (const name of domains) {
    const trained = await trainOn(session, name, cell, tasks[name])
    if ('broke_down' in trained) return trained
    found[name] = { base: await perplexity('base', tasks[name]), alone: await perplexity(name, tasks[name]) }
    context.onNote(`  ${name}: ${JSON.stringify(found[name])}`)
  }
  const vectors = Object.fromEntries(domains.map((name) => [name, taskVectorOf(session.adapter(name))]))
  for (const [a, b] of domainPairs) {
    const both = bothOf(tasks[a], tasks[b])
    const trained = await trainOn(session, 'joint', { ...cell, settings: { ...cell.settings, steps: 2 * steps } }, both)
    if ('broke_down' in trained) return trained
    const [sum, joint] = [await perplexity(`${a} + ${b}`, both), await perplexity('joint', both)]
    found[`${a} + ${b}`] = { sum, joint, change: sum / joint - 1, cosine: deltaCosine(vectors[a], vectors[b]) }
    context.onNote(`  ${a} + ${b}: ${JSON.stringify(found[`${a} + ${b}`])}`)
  }
  return found
}

const bothOf = (a: SplitTask, b: SplitTask): SplitTask => {
  const mixed = (part: keyof SplitTask) => a[part].flatMap((row, i) => (b[part][i] === undefined ? [row] : [row, b[part][i]]))
  return { training: mixed('training'), validation: mixed('validation'), heldOut: mixed('heldOut') }
}
