import { isWeftError } from '@weft/adapters'
import { CliError } from '../errors.ts'

/**
 * Statuses of what was said wrongly: a value, a row or an expression (400), a name that leads nowhere (404), what is too large (413), and what does not go
 * together (422). The same line, with the same files, is refused again.
 */
const saidWrongly: ReadonlySet<number> = new Set([400, 404, 413, 422])

/**
 * What a command that fails ends with: 2 where what was typed has to be another, or a file that it names; 1 where what was asked well did not come about, such
 * as for want of a server or of rights, or since something is in use. Who refuses, the command or the edge, makes no difference.
 */
export const exitCodeOf = (error: unknown): 1 | 2 => {
  if (error instanceof CliError) return error.exitCode
  // An answer that is no edge's says nothing of what it was asked.
  if (!isWeftError(error) || error.fault === 'ours' || error.code === 'unexpected_response') return 1
  // A name that leads nowhere yet: the same line may do when the job that trains it has ended.
  if (error.details?.job !== undefined) return 1
  // A conflict (409) for an edge, which has one base model; who types a line may name another.
  return saidWrongly.has(error.status) || error.code === 'wrong_base_model' ? 2 : 1
}
