import type { Plugin } from '@weft/methods'
import type { NumberedRow } from '@weft/protocol'
import { noRowTasks, taskIdMissing, taskIdUnknown } from '../errors.ts'

/**
 * Whether rows say which of the method's tasks they are of: then all do, in every file.
 * @throws TrainingError `task_id_missing`, `task_id_unknown`, `task_id_not_supported`
 */
export const hasRowTasks = (plugin: Plugin, config: unknown, files: Readonly<Record<string, readonly NumberedRow[]>>): boolean => {
  const all = Object.entries(files).flatMap(([file, rows]) => rows.map(({ line, row }) => ({ file, line, taskId: row.taskId })))
  if (all.every(({ taskId }) => taskId === undefined)) return false
  if (!plugin.encodeBatch || !plugin.numTasks) throw noRowTasks(plugin.id)
  const numTasks = plugin.numTasks(config)
  for (const { file, line, taskId } of all) {
    if (taskId === undefined) throw taskIdMissing(file, line)
    if (taskId >= numTasks) throw taskIdUnknown(file, line, taskId, numTasks)
  }
  return true
}
