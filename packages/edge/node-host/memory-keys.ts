import type { AllKeys, Keys, StoredKey } from '../src/stores/tenants/keys.ts'
import { pageOf, type Table } from './memory-table.ts'

const seconds = (): number => Math.floor(Date.now() / 1000)

/** A tenant's keys, among those of all. */
export function memoryKeys(all: Table<StoredKey>, tenant: string): Keys {
  const get = (id: string): StoredKey | undefined => {
    const key = all.get(id)
    return key?.tenant === tenant ? key : undefined
  }
  return {
    create: async (key) => all.set(key.id, key),
    get: async (id) => get(id),
    async list(page) {
      const own = all.all().filter((key) => key.tenant === tenant)
      const { page: keys, hasMore } = pageOf(own, ({ id }) => id, page)
      return { keys, hasMore }
    },
    async revoke(id) {
      const key = get(id)
      if (!key || key.revokedAt !== null) return false
      all.set(id, { ...key, revokedAt: seconds() })
      return true
    },
    async lineOf(id) {
      const line = get(id) ? [id] : []
      for (const each of line) for (const key of all.all()) if (key.tenant === tenant && key.rotatedTo === each) line.push(key.id)
      return line
    },
    async replace(id, successor, expiresAt) {
      const key = get(id)
      if (!key || key.revokedAt !== null || key.rotatedTo !== null || (key.expiresAt ?? Number.POSITIVE_INFINITY) <= seconds()) return false
      all.set(id, { ...key, rotatedTo: successor.id, expiresAt })
      all.set(successor.id, successor)
      return true
    },
  }
}

export const memoryAllKeys = (all: Table<StoredKey>): AllKeys => ({
  get: async (id) => all.get(id),
  isTenant: async (tenant) => all.all().some((key) => key.tenant === tenant),
  tenants: async () => [...new Set(all.all().map(({ tenant }) => tenant))],
  async used(id, at) {
    const key = all.get(id)
    if (key) all.set(id, { ...key, usedAt: at })
  },
})
