import type { Lease, LimitsStorage } from '../limits-storage.ts'

/** A tenant's limits in the Durable Object's own SQLite. */
export function sqlLimitsStorage(sql: SqlStorage): LimitsStorage {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS buckets (key TEXT PRIMARY KEY, level REAL NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS spent (key TEXT PRIMARY KEY, day INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS leases (id TEXT PRIMARY KEY, lease TEXT NOT NULL) WITHOUT ROWID;`)
  return {
    read: () => ({
      buckets: new Map([...sql.exec<{ key: string; level: number; at: number }>('SELECT * FROM buckets')].map(({ key, ...bucket }) => [key, bucket])),
      spent: new Map([...sql.exec<{ key: string; day: number; used: number }>('SELECT * FROM spent')].map(({ key, ...spent }) => [key, spent])),
      leases: new Map([...sql.exec<{ id: string; lease: string }>('SELECT * FROM leases')].map(({ id, lease }) => [id, JSON.parse(lease) as Lease])),
    }),
    writeBucket: (key, { level, at }) => void sql.exec('INSERT OR REPLACE INTO buckets (key, level, at) VALUES (?, ?, ?)', key, level, at),
    writeSpent: (key, { day, used }) => void sql.exec('INSERT OR REPLACE INTO spent (key, day, used) VALUES (?, ?, ?)', key, day, used),
    writeLease: (id, lease) => void sql.exec('INSERT OR REPLACE INTO leases (id, lease) VALUES (?, ?)', id, JSON.stringify(lease)),
    deleteLease: (id) => void sql.exec('DELETE FROM leases WHERE id = ?', id),
  }
}
