import type { SqlDatabase, SqlStatement } from '@weft/edge/host'
import { openDatabase } from '../database/open-database.ts'
import type { OwnDatabase } from '../database/own-database.ts'
import { databaseNotEmpty, movedOntoItself, moveFailed, moveIncomplete, nothingToMove } from '../errors.ts'
import { keptTables } from './kept-tables.ts'
import { movedTo, movingFrom, requireInPlace } from './move-marks.ts'
import { placeOf, shownPlace } from './places.ts'

/** Rows that are held at a time: those of some tables have a megabyte. */
const pageRows = 50

export interface MoveOptions {
  /** A file of SQLite, or `postgres://…`. */
  from: string
  /** As `from`; one that is new, or has no rows. */
  to: string
}

/**
 * Moves the rows of a deployment to another database, as they are: keys, names, jobs and batches under way, usage, and the id that binds its storage. Neither may be
 * served meanwhile. The old one keeps its rows, and is not served again. An error leaves it as it was.
 *
 * @returns how many rows of each table were moved
 * @throws WeftError those of `openDatabase`; 400 `nothing_to_move`, `database_not_empty`, `database_moved`, `database_half_moved`; 500 `move_failed`
 */
export async function moveDatabase({ from, to }: MoveOptions): Promise<Record<string, number>> {
  if (placeOf(from) === placeOf(to)) throw movedOntoItself(from)
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  const source = await openDatabase(from, { onNew: async () => Promise.reject(nothingToMove(from)), onLost: lost.reject })
  try {
    await requireInPlace(source, from)
    const target = await openDatabase(to, { onLost: lost.reject })
    try {
      return await Promise.race([moved(source, target, { from, to }), lost.promise])
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function moved(source: OwnDatabase, target: OwnDatabase, { from, to }: MoveOptions): Promise<Record<string, number>> {
  await requireInPlace(target, to)
  for (const table of Object.keys(keptTables)) if ((await countOf(target, table)) > 0) throw databaseNotEmpty(to, table)
  await setMark(target, movingFrom, shownPlace(from)).run()
  const counts: Record<string, number> = {}
  for (const [table, key] of Object.entries(keptTables)) {
    counts[table] = await copyTable(source, target, table, key, to)
    const there = (await countOf(target, table)) - (table === 'settings' ? 1 : 0)
    if (there !== counts[table] || there !== (await countOf(source, table))) throw moveIncomplete(to, table)
  }
  // In this order: ended in between, both could be served, and neither is lost.
  await target.prepare('DELETE FROM settings WHERE name = ?').bind(movingFrom).run()
  await setMark(source, movedTo, shownPlace(to)).run()
  return counts
}

const countOf = async (database: SqlDatabase, table: string): Promise<number> =>
  (await database.prepare(`SELECT count(*) AS rows FROM ${table}`).first<number>('rows'))!

const setMark = (database: SqlDatabase, name: string, value: string): SqlStatement =>
  database.prepare('INSERT INTO settings (name, value) VALUES (?, ?)').bind(name, value)

type Row = Record<string, string | number | null>

/** In the order of the key, page after page, each of which is written whole. Gives how many rows there were. */
async function copyTable(source: SqlDatabase, target: SqlDatabase, table: string, key: readonly string[], to: string): Promise<number> {
  let count = 0
  let last: Row | undefined
  for (;;) {
    const page = await readPage(source, table, key, last)
    if (page.length === 0) return count
    const columns = Object.keys(page[0]!)
    const places = columns.map(() => '?').join(', ')
    const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`
    try {
      await target.batch(page.map((row) => target.prepare(insert).bind(...columns.map((column) => row[column]))))
    } catch (error) {
      throw moveFailed(to, table, error)
    }
    count += page.length
    last = page.at(-1)
  }
}

async function readPage(source: SqlDatabase, table: string, key: readonly string[], last: Row | undefined): Promise<Row[]> {
  const names = key.join(', ')
  const behind = last ? `WHERE (${names}) > (${key.map(() => '?').join(', ')})` : ''
  const asked = source.prepare(`SELECT * FROM ${table} ${behind} ORDER BY ${names} LIMIT ${pageRows}`)
  return (await (last ? asked.bind(...key.map((column) => last[column])) : asked).all<Row>()).results
}
