import type { AutoChoice } from '@weft/protocol'

/** What an answer says of how its composition came about. */
interface Answering {
  twin?: string
  auto?: AutoChoice
}

/** Says in an answer that a twin gave it, and what `auto(…)` chose. */
export const flagged = <T extends object>({ twin, auto }: Answering, answer: T): T =>
  twin === undefined && !auto ? answer : { ...answer, ...(twin === undefined ? {} : { twin: true }), ...(auto ? { auto } : {}) }

export const flaggedChunks = <T extends object>(found: Answering, chunks: AsyncGenerator<T>): AsyncGenerator<T> =>
  found.twin === undefined && !found.auto ? chunks : eachFlagged(found, chunks)

async function* eachFlagged<T extends object>(found: Answering, chunks: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const chunk of chunks) yield flagged(found, chunk)
}
