import type { TokenRow } from '@weft/training'
import type { Tensors } from './case.ts'

/** Rows with the task each is of, where a case has rows of several. */
export const withTaskIds = (expected: Tensors, rows: TokenRow[]): TokenRow[] => {
  if (!expected.has('task_ids')) return rows
  const ids = expected.integers('task_ids')
  return rows.map((row, b) => ({ ...row, taskId: ids[b] }))
}
