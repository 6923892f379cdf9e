import type { Policy } from '@weft/protocol'
import type { TenantPolicies } from '../tenant-policies.ts'
import { written } from './written.ts'

/** Policies in D1. */
export const d1TenantPolicies = (db: D1Database, now: () => number): TenantPolicies => ({
  async get(tenant) {
    const json = await db.prepare('SELECT policy FROM tenant_policies WHERE tenant = ?').bind(tenant).first<string>('policy')
    return json === null ? undefined : (JSON.parse(json) as Policy)
  },
  async put(tenant, policy) {
    const insert = db.prepare('INSERT OR REPLACE INTO tenant_policies (tenant, policy, updated_at) VALUES (?, ?, ?)')
    await written(insert.bind(tenant, JSON.stringify(policy), now()).run())
  },
  async delete(tenant) {
    return (await written(db.prepare('DELETE FROM tenant_policies WHERE tenant = ?').bind(tenant).run())).meta.changes > 0
  },
})
