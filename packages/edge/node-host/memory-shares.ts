import type { Share, Shares } from '../src/stores/tenants/shares.ts'
import type { Table } from './memory-table.ts'

/** A tenant's shares, among those of all. */
export function memoryShares(all: Table<Share>, tenant: string): Shares {
  const keyOf = ({ prefix, reader }: Omit<Share, 'owner'>): string => JSON.stringify([tenant, prefix, reader])
  return {
    list: async () => all.all().filter(({ owner }) => owner === tenant),
    withThis: async () => all.all().filter(({ owner, reader }) => owner !== tenant && (reader === '*' || reader === tenant)),
    put: async (share) => all.set(keyOf(share), { owner: tenant, ...share }),
    delete: async (share) => all.delete(keyOf(share)),
  }
}
