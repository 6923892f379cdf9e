import { within } from '../../auth/scopes.ts'
import type { Keys, StoredKey } from './keys.ts'

/** Of a tenant's keys those that let through no more than `scopes` do; the others do not exist, so that nobody revokes a key that reaches further than their own. */
export const scopedKeys = (keys: Keys, scopes: readonly string[]): Keys => {
  const seen = (key: StoredKey | undefined) => (key && within(scopes, key.scopes) ? key : undefined)
  const isSeen = async (id: string): Promise<boolean> => seen(await keys.get(id)) !== undefined
  return {
    lineOf: async (id) => ((await isSeen(id)) ? keys.lineOf(id) : []),
    create: (key) => keys.create(key),
    get: async (id) => seen(await keys.get(id)),
    async list({ after, limit }) {
      const found: StoredKey[] = []
      let page = { keys: [] as StoredKey[], hasMore: true }
      // One more than asked for tells whether there are more of them.
      for (let from = after; page.hasMore && found.length <= limit; from = page.keys.at(-1)?.id) {
        page = await keys.list({ after: from, limit: 100 })
        found.push(...page.keys.filter(seen))
      }
      return { keys: found.slice(0, limit), hasMore: found.length > limit }
    },
    revoke: async (id) => (await isSeen(id)) && keys.revoke(id),
    replace: async (id, successor, expiresAt) => (await isSeen(id)) && keys.replace(id, successor, expiresAt),
  }
}
