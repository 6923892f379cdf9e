import type { SqlDatabase } from '@weft/edge/host'

/** A database whose next writes fail, as often as is said: as one that was cut off and comes back. */
export function failingDatabase(database: SqlDatabase): SqlDatabase & { failures: number } {
  const failing = {
    failures: 0,
    prepare: (query: string) => database.prepare(query),
    batch: (async (statements) => {
      if (failing.failures > 0) {
        failing.failures--
        throw new Error('the connection was cut')
      }
      return database.batch(statements)
    }) as SqlDatabase['batch'],
  }
  return failing
}
