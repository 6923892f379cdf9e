import type { LoadedAdapter } from '@weft/adapters'
import { cutTask } from '../../defaults/cut.ts'
import { lossOn, scoresOn } from '../../defaults/scores.ts'
import type { SplitTask } from '../../defaults/task.ts'
import type { RunContext } from '../part.ts'
import type { Cell, Json, Values } from '../row.ts'
import { taskOf } from '../tasks.ts'
import { rateOf } from './compose-options.ts'
import { forgettingOf } from './forgetting.ts'
import { recipe, sessionOf, trainOn } from './train.ts'

/** A method trained on a task at its defaults, but for what `config` sets. Its rate is a setting of the cell: where a default is another one day, so is the cell. */
export const scoreCell = (model: string, method: string, task: string, seed: number, config: Readonly<Record<string, Json>> = {}): Cell => ({
  settings: { measure: 'held-out score', model, method, task, config, ...recipe, learning_rate: rateOf(method, model) },
  seed,
})

/**
 * Trains the cell's method on its task, and measures it on rows that nothing was chosen by: `accuracy` beside `majority`, or `perplexity` per token of texts or
 * completions beside `base_perplexity`; `foreign`, what is left of what the model was not trained for; `parameters`, numbers of the adapter; `stored_bytes`.
 */
export const heldOutScore = async (cell: Cell, context: RunContext): Promise<Values> => {
  const task = String(cell.settings.task)
  await using session = await sessionOf(cell, context)
  const rows = cutTask(session.model, taskOf(task), Number(cell.settings.max_length))
  const trained = await trainOn(session, NAME, cell, rows)
  if ('broke_down' in trained) return trained
  const { accuracy, loss } = await scoresOn(session, trained.adapter, rows.heldOut)
  const score =
    accuracy === undefined
      ? { perplexity: Math.exp(loss), base_perplexity: Math.exp(await lossOn(session, 'base', rows.heldOut)) }
      : { accuracy, majority: majorityOf(rows) }
  return {
    ...score,
    foreign: await forgettingOf(session, NAME, task, Number(cell.settings.max_length)),
    parameters: sizeOf(session.adapter(NAME)),
    stored_bytes: trained.adapter.byteLength,
  }
}

const NAME = 'measured'

const sizeOf = ({ state }: LoadedAdapter): number =>
  Object.values(state)
    .flatMap((tensors) => Object.values(tensors))
    .reduce((sum, { data }) => sum + data.length, 0)

/** What always answering the likeliest label of the held-out rows scores. */
const majorityOf = ({ heldOut }: SplitTask): number => {
  const counts = [...Map.groupBy(heldOut, (row) => ('label' in row ? row.label : '')).values()].map(({ length }) => length)
  return Math.max(...counts) / heldOut.length
}
