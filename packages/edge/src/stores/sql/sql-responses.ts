import type { ConversationItem, ResponseObject } from '@weft/protocol'
import { tooLargeToStore } from '../../errors.ts'
import type { Responses } from '../responses.ts'
import { written } from '../written.ts'
import type { SqlDatabase } from './sql-database.ts'

/** Bytes of one value; D1 takes two million. */
const largestValue = 1_800_000
/** Responses that one sweep deletes. */
const sweepAtOnce = 500

/** A response and those before it, newest first. `?1` the tenant, `?2` the id, `?3` now. */
const chain = `WITH RECURSIVE chain(id, previous, depth) AS (
  SELECT id, previous, 0 FROM responses WHERE tenant = ?1 AND id = ?2 AND expires_at > ?3
  UNION ALL
  SELECT before.id, before.previous, depth + 1 FROM chain JOIN responses AS before
  ON before.tenant = ?1 AND before.id = chain.previous AND before.expires_at > ?3
)`

interface ChainRow {
  id: string
  previous: string | null
  depth: number
  answered: number | null
  item: string | null
}

const encoder = new TextEncoder()

/** @param param what of the request was too much, where it was */
function json(value: unknown, param: string): string {
  const text = JSON.stringify(value)
  const bytes = encoder.encode(text).byteLength
  if (bytes > largestValue) throw tooLargeToStore(bytes, largestValue, param)
  return text
}

/** Items as few statements take them: lists of JSON, none larger than a value may be. */
function itemLists(input: readonly ConversationItem[], output: readonly ConversationItem[]): string[] {
  const rows = [...input, ...output].map((item, place) => {
    const answered = place >= input.length
    return json({ place, answered: answered ? 1 : 0, id: item.id, item: JSON.stringify(item) }, answered ? 'max_output_tokens' : `input[${place}]`)
  })
  const lists: string[][] = []
  let bytes = Infinity
  for (const row of rows) {
    const size = encoder.encode(row).byteLength + 1
    if (bytes + size > largestValue) {
      lists.push([])
      bytes = 0
    }
    lists.at(-1)!.push(row)
    bytes += size
  }
  return lists.map((list) => `[${list.join()}]`)
}

/** A tenant's responses in a database: one row each, and one for each of their items. */
export const sqlResponses = (db: SqlDatabase, tenant: string, now: () => number): Responses => ({
  async put({ response, input, expiresAt }) {
    const { id, previousResponseId: previous, createdAt, output } = response
    const row = db
      .prepare('INSERT INTO responses (tenant, id, previous, response, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)')
      .bind(tenant, id, previous, json({ ...response, output: [] }, 'instructions'), createdAt, expiresAt)
    const item = db.prepare(
      `INSERT INTO response_items (tenant, response, place, answered, id, item)
       SELECT ?1, ?2, CAST(value ->> 'place' AS INTEGER), CAST(value ->> 'answered' AS INTEGER), value ->> 'id', value ->> 'item' FROM json_each(?3)`,
    )
    const items = itemLists(input, output).map((list) => item.bind(tenant, id, list))
    const kept = db
      .prepare(
        `${chain} UPDATE responses SET expires_at = CASE WHEN expires_at < ?4 THEN ?4 ELSE expires_at END WHERE tenant = ?1 AND id IN (SELECT id FROM chain)`,
      )
      .bind(tenant, id, now(), expiresAt)
    await written(db.batch([row, ...items, kept]))
  },

  async get(id) {
    const found = await db
      .prepare('SELECT response FROM responses WHERE tenant = ? AND id = ? AND expires_at > ?')
      .bind(tenant, id, now())
      .first<string>('response')
    if (found === null) return undefined
    const { results } = await db
      .prepare('SELECT item FROM response_items WHERE tenant = ? AND response = ? AND answered = 1 ORDER BY place')
      .bind(tenant, id)
      .all<{ item: string }>()
    return { ...(JSON.parse(found) as ResponseObject), output: results.map(({ item }) => JSON.parse(item)) }
  },

  async conversation(id) {
    const { results } = await db
      .prepare(
        `${chain} SELECT chain.id, previous, depth, answered, item FROM chain
         LEFT JOIN response_items AS items ON items.tenant = ?1 AND items.response = chain.id ORDER BY depth DESC, place`,
      )
      .bind(tenant, id, now())
      .all<ChainRow>()
    const [oldest] = results
    if (!oldest) return undefined
    const rows = results.filter(({ item }) => item !== null)
    return {
      items: rows.map(({ item }) => JSON.parse(item!) as ConversationItem),
      read: rows.filter(({ depth, answered }) => depth > 0 || answered === 0).length,
      ...(oldest.previous !== null && { broken: { oldest: oldest.id, missing: oldest.previous } }),
    }
  },

  async items(ids) {
    // Oldest first; of one second, what was answered before what came back: PostgreSQL knows no order in which rows were made.
    const { results } = await db
      .prepare(
        `SELECT items.id, item FROM response_items AS items JOIN responses ON responses.tenant = items.tenant AND responses.id = items.response
         WHERE items.tenant = ?1 AND items.id IN (SELECT value FROM json_each(?2)) AND expires_at > ?3
         GROUP BY items.id, item ORDER BY min(created_at), max(answered) DESC, min(items.response), min(place)`,
      )
      .bind(tenant, JSON.stringify(ids), now())
      .all<{ id: string; item: string }>()
    const found = Map.groupBy(results, ({ id }) => id)
    return new Map([...found].map(([id, rows]) => [id, rows.map(({ item }) => JSON.parse(item) as ConversationItem)]))
  },

  async delete(id) {
    const [items, responses] = await written(
      db.batch([
        db.prepare('DELETE FROM response_items WHERE tenant = ? AND response = ?').bind(tenant, id),
        db.prepare('DELETE FROM responses WHERE tenant = ? AND id = ? AND expires_at > ?').bind(tenant, id, now()),
      ]),
    )
    return items !== undefined && responses!.meta.changes > 0
  },
})

/** Deletes what has expired, of every tenant. */
export async function sweepResponses(db: SqlDatabase, now: number): Promise<void> {
  const expired = 'SELECT tenant, id FROM responses WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2'
  await written(
    db.batch([
      db.prepare(`DELETE FROM response_items WHERE (tenant, response) IN (${expired})`).bind(now, sweepAtOnce),
      db.prepare(`DELETE FROM responses WHERE (tenant, id) IN (${expired})`).bind(now, sweepAtOnce),
    ]),
  )
}
