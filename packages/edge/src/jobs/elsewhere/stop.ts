import { isWeftError } from '@weft/protocol'
import type { JobState } from '../job-state.ts'
import type { Supervision } from '../supervision.ts'

/** Ends the present trainer, and takes away what it brought. An executor that is not declared any more, or refuses, has nobody to ask: the trainer's own next report ends it. */
export async function stopExecution({ executors, checkpoints }: Pick<Supervision, 'executors' | 'checkpoints'>, state: JobState): Promise<void> {
  const { execution, record } = state
  if (!execution) return
  if (execution.result !== undefined) await checkpoints.delete(record.job.id, execution.result)
  const known = execution.handle ?? execution.asked
  if (known !== undefined) {
    try {
      await executors.open(record.job.executor!).stop(known)
    } catch (error) {
      if (isWeftError(error) && error.status === 503) throw error
      console.error(`the trainer of ${record.job.id} could not be ended at its executor`, error)
    }
  }
  delete execution.handle
  delete execution.asked
  delete execution.result
}
