import { sharedReadOnly } from '../../auth/errors.ts'
import type { AdapterAlias, AdapterAliases } from '../adapter-aliases.ts'
import type { AdapterNames } from '../adapter-names.ts'
import type { Share } from './shares.ts'

/**
 * A tenant's aliases, and those of names that others share with it: what a shared name stands for is its owner's to say. Error 403 `adapter_is_shared` for moving one.
 * @param own its own names, which cover shared ones @param sharesWith what is shared with it now @param aliasesOf another tenant's aliases
 */
export function sharedAliases(
  aliases: AdapterAliases,
  own: AdapterNames,
  sharesWith: () => Promise<readonly Share[]>,
  aliasesOf: (tenant: string) => AdapterAliases,
): AdapterAliases {
  /** Those of the first who shares a name that has any. */
  const ofOthers = async (name: string): Promise<{ owner: string; shared: AdapterAlias[] } | undefined> => {
    if ((await own.versions(name)).length > 0) return undefined
    for (const { owner, prefix } of await sharesWith()) {
      const shared = name.startsWith(prefix) ? await aliasesOf(owner).list(name) : []
      if (shared.length) return { owner, shared }
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
      for (const { owner, prefix } of await sharesWith())
        for (const alias of await aliasesOf(owner).list()) {
          if (!alias.name.startsWith(prefix) || (ownerOf.get(alias.name) ?? owner) !== owner) continue
          if (others.some((each) => each.name === alias.name && each.alias === alias.alias)) continue
          ownerOf.set(alias.name, owner)
          others.push(alias)
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
