import { writeAdapter } from '@weft/adapters'
import type { ModelSession } from '@weft/session'
import { asRow, type Task, trainingRows } from './tasks/task.ts'

/** Rows of a part that the training's own verdict looks at. */
const JUDGED = 8

/**
 * Trains a task's adapter, rounds it to half precision, and keeps it in the session as it is in the file.
 * @returns the file
 */
export const trainTask = async (session: ModelSession, task: Task, seed: number): Promise<Uint8Array<ArrayBuffer>> => {
  const first = task.kind === 'style' ? task.heldOut : Object.values(task.heldOut)[0]
  const { method, config, hyperparameters } = task
  await session.train(task.name, { method, config, hyperparameters, seed, rows: trainingRows(task), heldOut: first.slice(0, JUDGED).map(asRow) })
  const { manifest, state, params } = session.adapter(task.name)
  const file = await writeAdapter(manifest, state, params, { floats: 'F16' })
  await session.add(task.name, file)
  return file
}
