import type { BatchResults, Outcome } from '../batch-host.ts'

/** Bytes of one row: a value has 2 MB at most. */
const partBytes = 2 ** 20

/** A batch's results in its Durable Object's own SQLite. */
export function sqlBatchResults(sql: SqlStorage): BatchResults {
  sql.exec(
    `CREATE TABLE IF NOT EXISTS results (line INTEGER NOT NULL, part INTEGER NOT NULL, outcome TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (line, part)) WITHOUT ROWID;
     CREATE TABLE IF NOT EXISTS totals (outcome TEXT PRIMARY KEY, lines INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID`,
  )
  const has = (line: number): boolean => sql.exec('SELECT 1 FROM results WHERE line = ? AND part = 0', line).toArray().length > 0
  const total = (outcome: Outcome, column: 'lines' | 'bytes'): number =>
    Number(sql.exec(`SELECT ${column} AS total FROM totals WHERE outcome = ?`, outcome).toArray()[0]?.total ?? 0)
  return {
    has,
    async put(line, outcome, text) {
      if (has(line)) return
      const bytes = new TextEncoder().encode(text)
      for (let at = 0, part = 0; at < bytes.length; at += partBytes, part++) {
        const content = bytes.slice(at, at + partBytes).buffer
        sql.exec('INSERT INTO results (line, part, outcome, content) VALUES (?, ?, ?, ?)', line, part, outcome, content)
      }
      sql.exec(
        `INSERT INTO totals (outcome, lines, bytes) VALUES (?1, 1, ?2) ON CONFLICT (outcome) DO UPDATE SET lines = lines + 1, bytes = bytes + ?2`,
        outcome,
        bytes.length,
      )
    },
    count: (outcome) => total(outcome, 'lines'),
    bytes: (outcome) => total(outcome, 'bytes'),
    async *read(outcome) {
      // A row at a time: nothing is left open between two, however slowly they are taken.
      for (let line = 0, part = -1; ; ) {
        const query = 'SELECT line, part, content FROM results WHERE outcome = ? AND (line, part) > (?, ?) ORDER BY line, part LIMIT 1'
        const [row] = sql.exec<{ line: number; part: number; content: ArrayBuffer }>(query, outcome, line, part).toArray()
        if (!row) return
        ;({ line, part } = row)
        yield new Uint8Array(row.content)
      }
    },
    async clear() {
      sql.exec('DELETE FROM results')
    },
  }
}
