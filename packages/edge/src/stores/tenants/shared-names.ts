import type { AdapterRef } from '@weft/adapters'
import { sharedReadOnly } from '../../auth/errors.ts'
import type { AdapterNames, AdapterVersion } from '../adapter-names.ts'
import type { Share } from './shares.ts'

/**
 * A tenant's names, and beneath them those that others share with it, under the same names. A name of its own covers a shared one with all its versions,
 * so that no number ever means two things. Shared names are read, never written: error 403 `adapter_is_shared`.
 * @param sharesWith what is shared with it now @param namesOf another tenant's own names
 */
export function sharedNames(own: AdapterNames, sharesWith: () => Promise<readonly Share[]>, namesOf: (tenant: string) => AdapterNames): AdapterNames {
  const marked = (adapter: AdapterVersion): AdapterVersion => ({ ...adapter, sharedBy: adapter.tenant })
  /** The first of those who share a name that gives something for it. */
  const ofOthers = async <T>(
    name: string,
    ask: (names: AdapterNames) => Promise<T>,
    isThere: (found: T) => boolean,
    shares?: readonly Share[],
  ): Promise<T | undefined> => {
    for (const { owner, prefix } of shares ?? (await sharesWith())) {
      if (!name.startsWith(prefix)) continue
      const names = namesOf(owner)
      if ((await names.versions(name)).length === 0) continue
      const found = await ask(names)
      return isThere(found) ? found : undefined
    }
    return undefined
  }
  const shared = async (
    name: string,
    ask: (names: AdapterNames) => Promise<AdapterVersion | undefined>,
    shares?: readonly Share[],
  ): Promise<AdapterVersion | undefined> => {
    if ((await own.versions(name)).length > 0) return undefined
    const found = await ofOthers(name, ask, (adapter) => adapter !== undefined, shares)
    return found && marked(found)
  }
  /** Every shared version whose name is not covered. */
  const listShared = async (covered: ReadonlySet<string>): Promise<AdapterVersion[]> => {
    const taken = new Map<string, string>()
    const all: AdapterVersion[] = []
    for (const { owner, prefix } of await sharesWith())
      for (const adapter of await namesOf(owner).list()) {
        const { name, version } = adapter
        if (!name.startsWith(prefix) || covered.has(name) || (taken.get(name) ?? owner) !== owner) continue
        if (all.some((each) => each.name === name && each.version === version)) continue
        taken.set(name, owner)
        all.push(marked(adapter))
      }
    return all
  }
  const find: AdapterNames['find'] = async (name, version) => (await own.find(name, version)) ?? (await shared(name, (names) => names.find(name, version)))
  return {
    ...own,
    find,
    async findAll(references) {
      const found = await own.findAll(references)
      if (references.every((_, at) => found[at])) return found
      // Asked once for all; and most names that stand for nothing begin as none that is shared.
      const shares = await sharesWith()
      const elsewhere = async (reference: AdapterRef): Promise<AdapterVersion | undefined> =>
        shares.some(({ prefix }) => reference.name.startsWith(prefix))
          ? shared(reference.name, async (names) => (await names.findAll([reference]))[0], shares)
          : undefined
      return Promise.all(references.map(async (reference, at) => found[at] ?? (await elsewhere(reference))))
    },
    async findByDigest(digest, name) {
      const found = await own.findByDigest(digest, name)
      return found ?? (name === undefined ? undefined : await shared(name, (names) => names.findByDigest(digest, name)))
    },
    async versions(name) {
      const versions = await own.versions(name)
      if (versions.length) return versions
      const others = await ofOthers(
        name,
        (names) => names.versions(name),
        (found) => found.length > 0,
      )
      return (others ?? []).map(marked)
    },
    async list() {
      const mine = await own.list()
      const others = await listShared(new Set(mine.map(({ name }) => name)))
      return others.length ? [...mine, ...others].sort((a, b) => (a.name === b.name ? b.version - a.version : a.name < b.name ? -1 : 1)) : mine
    },
    async names() {
      const mine = await own.names()
      const others = await listShared(new Set(mine))
      return [...mine, ...new Set(others.map(({ name }) => name))]
    },
    async remove(name, version, how) {
      const taken = await own.remove(name, version, how)
      const other = taken.length ? undefined : await find(name, version)
      if (other?.sharedBy !== undefined) throw sharedReadOnly(name, other.sharedBy)
      return taken
    },
  }
}
