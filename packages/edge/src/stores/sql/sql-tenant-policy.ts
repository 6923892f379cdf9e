import type { Policy } from '@weft/protocol'
import type { TenantPolicy } from '../tenant-policy.ts'
import { written } from '../written.ts'
import type { SqlDatabase } from './sql-database.ts'

/** A tenant's policy in a database. */
export const sqlTenantPolicy = (db: SqlDatabase, tenant: string, now: () => number): TenantPolicy => ({
  async get() {
    const json = await db.prepare('SELECT policy FROM tenant_policies WHERE tenant = ?').bind(tenant).first<string>('policy')
    return json === null ? undefined : (JSON.parse(json) as Policy)
  },
  async put(policy) {
    const insert = db.prepare(
      'INSERT INTO tenant_policies (tenant, policy, updated_at) VALUES (?1, ?2, ?3) ON CONFLICT (tenant) DO UPDATE SET policy = ?2, updated_at = ?3',
    )
    await written(insert.bind(tenant, JSON.stringify(policy), now()).run())
  },
  async delete() {
    return (await written(db.prepare('DELETE FROM tenant_policies WHERE tenant = ?').bind(tenant).run())).meta.changes > 0
  },
})
