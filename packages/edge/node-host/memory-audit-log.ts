import type { AuditEntry } from '@weft/protocol'
import { type AuditLog, auditId } from '../src/stores/tenants/audit-log.ts'
import { pageOf, Table } from './memory-table.ts'

export function memoryAuditLog(tenant: string): AuditLog {
  const entries = new Table<AuditEntry>()
  return {
    async append(...changes) {
      for (const change of changes) {
        const id = auditId(entries.all().length + 1)
        const createdAt = Math.floor(Date.now() / 1000)
        entries.set(id, { id, object: 'audit.entry', createdAt, tenant, before: null, after: null, requestId: null, ...change })
      }
    },
    has: async (id) => entries.get(id) !== undefined,
    async page(page) {
      const { page: found, hasMore } = pageOf(entries.all(), ({ id }) => id, page)
      return { entries: found, hasMore }
    },
  }
}
