import { digestOf, type StartCache } from './start-cache.ts'

/**
 * What was made of the same question in an earlier start, else what `make` makes of it now, which is kept.
 * @param kind of word characters alone
 * @param question all that the answer depends on, as JSON has it; undefined where that cannot be told, and then the answer is made
 */
export const cached = async <T>(cache: StartCache, kind: string, question: unknown, make: () => Promise<T>): Promise<T> => {
  if (question === undefined) return make()
  const name = nameOf(kind, question)
  const text = cache.read(name)
  if (text !== undefined) return JSON.parse(text) as T
  const made = await make()
  cache.write(name, JSON.stringify(made))
  return made
}

/** The name of the answer to a question. */
export const nameOf = (kind: string, question: unknown): string => `${kind}-${digestOf(JSON.stringify(question))}`
