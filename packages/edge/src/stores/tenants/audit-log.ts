import type { AuditEntry } from '@weft/protocol'

export type Change = Pick<AuditEntry, 'principal' | 'action' | 'target'> & Partial<Pick<AuditEntry, 'before' | 'after' | 'requestId'>>

/** Every change to what a tenant has. Entries are only ever added. */
export interface AuditLog {
  append(...changes: readonly Change[]): Promise<void>
  has(id: string): Promise<boolean>
  /** Newest first. @param after an entry's id */
  page(page: { after?: string | undefined; limit: number }): Promise<{ entries: AuditEntry[]; hasMore: boolean }>
}

const prefix = 'audit-'
export const auditId = (place: number): string => `${prefix}${place}`
export const isAuditId = (id: string): boolean => /^audit-\d{1,15}$/.test(id)
export const placeOfAuditId = (id: string): number => Number(id.slice(prefix.length))
