import type { DatabaseCheck, SqlDatabase } from '@weft/edge/host'

/** A database that this process has for itself, brought up to date. */
export interface OwnDatabase extends SqlDatabase {
  /** Looks over it. Errors 500 `database_damaged`, `database_incomplete`; 503 `database_unavailable`. */
  check(what: DatabaseCheck): Promise<void>
  close(): Promise<void>
}

/** What happens to a database that is opened, or open. */
export interface DatabaseEvents {
  /** No migration was ever applied, and none is before this has ended. What it throws ends the opening: the next one finds the database as new as this did. */
  onNew?: (() => Promise<void>) | undefined
  /** It cannot be told any more that no other process works with it. */
  onLost(error: Error): void
}
