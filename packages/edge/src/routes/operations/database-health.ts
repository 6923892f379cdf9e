import { databaseSilent } from '../../errors.ts'
import { passes } from '../../passes.ts'
import type { DatabaseCheck } from '../../stores/database-check.ts'

/** How long a database is waited for, where a probe waits for the answer. */
const databaseMs = 5000

/**
 * Whether a database answers, asked each time; and whether its pages are in order, which is looked into once after a start and again
 * while something is wrong. A large one takes minutes for that, which says nothing of whether it answers: whoever begins the look waits
 * for it as long as for an answer, the others do not. What it finds is told from then on. One that the database does not stand to its end is not repeated.
 *
 * @returns what asks; it is given what keeps work alive that goes on after the answer
 */
export function databaseHealth(check: (what: DatabaseCheck) => Promise<void>): (keep: (work: Promise<void>) => void) => Promise<void> {
  let isWhole = false
  let looking: Promise<void> | undefined
  let wrong: { error: unknown } | undefined
  const look = (): Promise<void> => {
    looking = check('every page')
      .then(
        () => {
          isWhole = true
          wrong = undefined
        },
        (error: unknown) => {
          // It went away in the middle, or ended a statement that takes it too long, as D1 does: that says nothing of its pages, and each further look would stop it again.
          isWhole = passes(error)
          wrong = isWhole ? undefined : { error }
        },
      )
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  return async (keep) => {
    try {
      await within(check('tables'))
    } catch (error) {
      isWhole = false
      throw error
    }
    if (!isWhole && !looking) {
      const work = look()
      keep(work)
      await within(work).catch(() => undefined)
    }
    if (wrong) throw wrong.error
  }
}

/** Error 503 `database_unavailable`. */
async function within(work: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => over.reject(databaseSilent(databaseMs)), databaseMs)
  await Promise.race([work, over.promise]).finally(() => clearTimeout(timer))
}
