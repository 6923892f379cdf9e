/**
 * A relational database as the stores ask it, which is as D1 is asked. Statements are SQLite's, in the part that `sql` keeps to: parameters `?` or `?1`, JSON
 * by `->>` and `json_each`, `ON CONFLICT`. A database of another kind brings what it lacks of that itself.
 */
export interface SqlDatabase {
  prepare(query: string): SqlStatement
  /** All or none, one after another, and nothing of others between them. */
  batch<T = Record<string, unknown>>(statements: SqlStatement[]): Promise<SqlResult<T>[]>
}

/** A statement alone is as one in a batch of its own. */
export interface SqlStatement {
  bind(...values: unknown[]): SqlStatement
  /** The first row, or one column of it; null where there is none. */
  first<T>(column: string): Promise<T | null>
  first<T = Record<string, unknown>>(): Promise<T | null>
  all<T = Record<string, unknown>>(): Promise<SqlResult<T>>
  run<T = Record<string, unknown>>(): Promise<SqlResult<T>>
}

export interface SqlResult<T> {
  results: T[]
  /** Rows that were written or deleted. */
  meta: { changes: number }
}
