import type { Probe } from '@weft/protocol'
import type { AdapterProbes } from '../adapter-probes.ts'
import { written } from '../written.ts'
import type { SqlDatabase } from './sql-database.ts'

/** D1 binds at most 100 values to a statement. */
const atOnce = 90

/** A tenant's probes in a database. */
export const sqlAdapterProbes = (db: SqlDatabase, tenant: string, now: () => number): AdapterProbes => ({
  async get(digests) {
    const found = new Map<string, Probe[]>()
    for (let at = 0; at < digests.length; at += atOnce) {
      const some = digests.slice(at, at + atOnce)
      const { results } = await db
        .prepare(`SELECT digest, probes FROM adapter_probes WHERE tenant = ? AND digest IN (${some.map(() => '?').join(', ')})`)
        .bind(tenant, ...some)
        .all<{ digest: string; probes: string }>()
      for (const { digest, probes } of results) found.set(digest, JSON.parse(probes) as Probe[])
    }
    return found
  },
  async put(digest, probes) {
    await written(
      db
        .prepare(
          'INSERT INTO adapter_probes (tenant, digest, probes, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (tenant, digest) DO UPDATE SET probes = ?3, created_at = ?4',
        )
        .bind(tenant, digest, JSON.stringify(probes), now())
        .run(),
    )
  },
  async delete(digests) {
    const deleted = db.prepare('DELETE FROM adapter_probes WHERE tenant = ?1 AND digest IN (SELECT value FROM json_each(?2)) RETURNING digest')
    return (await written(deleted.bind(tenant, JSON.stringify(digests)).all<{ digest: string }>())).results.map(({ digest }) => digest)
  },
})
