import { createHash, randomBytes } from 'node:crypto'
import type { SqlDatabase } from '@weft/edge/host'

/**
 * The sha256 of the first key of a deployment that was given none: made at the first start, and kept in the database. The key itself is
 * told once, and is nowhere after.
 */
export async function firstKey(database: SqlDatabase, tell: (key: string) => void): Promise<string> {
  const kept = await database.prepare("SELECT value FROM settings WHERE name = 'first_key_sha256'").first<string>('value')
  if (kept !== null) return kept
  const key = `weft-${randomBytes(24).toString('base64url')}`
  const hash = createHash('sha256').update(key).digest('hex')
  await database.prepare("INSERT INTO settings (name, value) VALUES ('first_key_sha256', ?)").bind(hash).run()
  tell(key)
  return hash
}
