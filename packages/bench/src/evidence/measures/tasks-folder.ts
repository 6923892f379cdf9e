import { furtherTasks } from '../../compose/tasks/further-tasks.ts'
import { writeTasks } from '../../compose/tasks/write-tasks.ts'
import { TemporaryFolder } from '../../temporary-folder.ts'
import type { Json } from '../row.ts'

/** Makes the folder of the tasks that a cell names, with commas between, for as long as they are measured. A cell that names none has those that come along. */
export const withTasks = async <T>(tasks: Json | undefined, measure: (options: { tasks?: string; only?: string[] }) => Promise<T>): Promise<T> => {
  if (typeof tasks !== 'string') return measure({})
  using folder = new TemporaryFolder('evidence')
  writeTasks(folder.path, furtherTasks())
  return await measure({ tasks: folder.path, only: tasks.split(', ') })
}
