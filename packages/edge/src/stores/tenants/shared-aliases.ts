import { sharedReadOnly } from '../../auth/errors.ts'
import type { AdapterAlias, AdapterAliases } from '../adapter-aliases.ts'
import type { AdapterNames } from '../adapter-names.ts'
import type { TenantStores } from '../tenant-stores.ts'
import type { Share } from './shares.ts'

/**
 * A tenant's aliases, and those of names that others share with it: what a shared name stands for is its owner's to say. Error 403 `adapter_is_shared` for moving one.
 * @param own its own names, which cover shared ones @param sharesWith what is shared with it now @param storesOf another tenant's
 */
export function sharedAliases(
  aliases: AdapterAliases,
  own: AdapterNames,
  sharesWith: () => Promise<readonly Share[]>,
  storesOf: (tenant: string) => Pick<TenantStores, 'names' | 'aliases'>,
): AdapterAliases {
  /** Those of whose the name is here: of the first who shares any version of it, though it may have no alias. */
  const ofOthers = async (name: string): Promise<{ owner: string; shared: AdapterAlias[] } | undefined> => {
    if ((await own.versions(name)).length > 0) return undefined
    for (const { owner, prefix } of await sharesWith()) {
      const stores = storesOf(owner)
      if (name.startsWith(prefix) && (await stores.names.versions(name)).length > 0) return { owner, shared: await stores.aliases.list(name) }
    }
    return undefined
  }
  const refuseShared = async (name: string): Promise<void> => {
    const others = await ofOthers(name)
    if (others) throw sharedReadOnly(name, others.owner)
  }
  return {
    get: async (name, alias) => (await aliases.get(name, alias)) ?? (await ofOthers(name))?.shared.find((each) => each.alias === alias),
    async list(name) {
      const mine = await aliases.list(name)
      if (name !== undefined) return mine.length ? mine : ((await ofOthers(name))?.shared ?? [])
      const ownerOf = new Map((await own.names()).map((each) => [each, '']))
      const others: AdapterAlias[] = []
      for (const { owner, prefix } of await sharesWith()) {
        const stores = storesOf(owner)
        // Whoever shares a name twice, by two prefixes, has its aliases told once.
        const here = (await stores.names.names()).filter((name) => name.startsWith(prefix) && !ownerOf.has(name))
        for (const name of here) ownerOf.set(name, owner)
        if (here.length > 0) others.push(...(await stores.aliases.list()).filter((alias) => here.includes(alias.name)))
      }
      return others.length ? [...mine, ...others].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)) : mine
    },
    async set(move) {
      await refuseShared(move.name)
      return aliases.set(move)
    },
    async delete(name, alias, expected) {
      await refuseShared(name)
      return aliases.delete(name, alias, expected)
    },
  }
}
