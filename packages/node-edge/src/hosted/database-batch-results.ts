import type { BatchResults, Outcome, SqlDatabase } from '@weft/edge/host'

/** A batch's results in the database; which lines there are is held in memory too. */
export async function databaseBatchResults(database: SqlDatabase, batch: string): Promise<BatchResults> {
  const { results: kept } = await database
    .prepare('SELECT line, outcome, bytes FROM batch_results WHERE batch = ?')
    .bind(batch)
    .all<{ line: number; outcome: Outcome; bytes: number }>()
  const lines = new Map(kept.map(({ line, ...rest }) => [line, rest]))
  const sum = (outcome: Outcome, of: (bytes: number) => number): number => {
    let total = 0
    for (const each of lines.values()) if (each.outcome === outcome) total += of(each.bytes)
    return total
  }
  const insert = database.prepare(
    'INSERT INTO batch_results (batch, line, outcome, bytes, content) VALUES (?, ?, ?, ?, ?) ON CONFLICT (batch, line) DO NOTHING',
  )
  return {
    has: (line) => lines.has(line),
    async put(line, outcome, text) {
      if (lines.has(line)) return
      const bytes = Buffer.byteLength(text)
      await insert.bind(batch, line, outcome, bytes, text).run()
      if (!lines.has(line)) lines.set(line, { outcome, bytes })
    },
    count: (outcome) => sum(outcome, () => 1),
    bytes: (outcome) => sum(outcome, (bytes) => bytes),
    async *read(outcome) {
      // A row at a time: nothing is left open between two, however slowly they are taken.
      const next = database.prepare('SELECT line, content FROM batch_results WHERE batch = ? AND outcome = ? AND line > ? ORDER BY line LIMIT 1')
      for (let line = 0; ; ) {
        const row = await next.bind(batch, outcome, line).first<{ line: number; content: string }>()
        if (!row) return
        line = row.line
        yield new TextEncoder().encode(row.content)
      }
    },
    async clear() {
      // The counts stay: they are what the batch says of itself to its end.
      await database.prepare('DELETE FROM batch_results WHERE batch = ?').bind(batch).run()
    },
  }
}
