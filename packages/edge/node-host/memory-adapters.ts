import { errors, latest } from '@weft/adapters'
import { aliasInUse, aliasMoved, candidateNotLatest } from '../src/adapters/errors.ts'
import { adapterInUse } from '../src/errors.ts'
import type { AdapterAlias, AdapterAliases, ExpectedAlias } from '../src/stores/adapter-aliases.ts'
import type { AdapterNames, AdapterVersion } from '../src/stores/adapter-names.ts'

const now = (): number => Math.floor(Date.now() / 1000)

/** A tenant's names, versions and aliases in memory. @param usersOf unfinished jobs that need one of some references @param compositions of its routes */
export function memoryAdapters(
  tenant: string,
  usersOf: (refs: readonly string[]) => string[],
  compositions: () => string[],
): { names: AdapterNames; aliases: AdapterAliases } {
  let versions: AdapterVersion[] = []
  const gone: AdapterVersion[] = []
  let moved: AdapterAlias[] = []

  const named = (name: string) => versions.filter((version) => version.name === name).toReversed()
  const movedTo = (name: string, alias: string) => moved.find((each) => each.name === name && each.alias === alias)
  const forget = (name: string, alias?: string) => {
    moved = moved.filter((each) => each.name !== name || (alias !== undefined && each.alias !== alias))
  }
  const latestOf = (name: string): AdapterVersion | undefined => {
    const top = movedTo(name, latest)?.version ?? Infinity
    return named(name).find(({ candidate, version, withdrawn }) => !candidate && !withdrawn && version <= top)
  }
  const aliasOf = (name: string, alias: string): AdapterAlias | undefined => {
    const back = movedTo(name, alias)
    if (alias !== latest) return back
    const held = latestOf(name)
    return (
      held && { name, alias, version: held.version, digest: held.digest, etag: back?.etag ?? `v${held.version}`, updatedAt: back?.updatedAt ?? held.createdAt }
    )
  }
  const isExpected = (held: AdapterAlias | undefined, expected: ExpectedAlias | undefined): boolean =>
    !expected || (expected.etag === undefined ? (held?.version ?? null) === (expected.version ?? null) : held?.etag === expected.etag)

  const uploads = new Map<string, Pick<AdapterVersion, 'name' | 'version'>>()

  const names: AdapterNames = {
    async publish({ jobId, publication: upload, signature = null, candidate = false, ...publication }) {
      const once = jobId ?? upload
      const known = once === undefined ? undefined : await names.findByJob(once)
      if (known) return known
      const version = 1 + Math.max(0, ...[...versions, ...gone].filter(({ name }) => name === publication.name).map((each) => each.version))
      const published = { ...publication, tenant, version, jobId: jobId ?? null, createdAt: now(), candidate, gate: null, signature, withdrawn: false }
      versions.push(published)
      if (upload !== undefined) uploads.set(upload, { name: published.name, version })
      if (!candidate) forget(publication.name, latest)
      return published
    },
    find: async (name, version) => (version === undefined ? latestOf(name) : named(name).find((each) => each.version === version)),
    findAll: (refs) =>
      Promise.all(
        refs.map(({ name, version, alias, digest }) =>
          digest
            ? names.findByDigest(digest, name)
            : names.find(name, version ?? (alias === undefined || alias === latest ? undefined : (movedTo(name, alias)?.version ?? 0))),
        ),
      ),
    findByDigest: async (digest, name) => versions.find((each) => each.digest === digest && (name === undefined || each.name === name)),
    named: async (digests) => new Set(digests.filter((digest) => versions.some((each) => each.digest === digest))),
    findByJob: async (id) => {
      const upload = uploads.get(id)
      return upload ? names.find(upload.name, upload.version) : [...versions, ...gone].find((each) => each.jobId === id)
    },
    versions: async (name) => named(name),
    list: async () => versions.toSorted((a, b) => (a.name === b.name ? b.version - a.version : a.name < b.name ? -1 : 1)),
    names: async () => [...new Set(versions.map(({ name }) => name))],
    async remove(name, version) {
      const taken = named(name).filter((each) => version === undefined || each.version === version)
      const users = usersOf(taken.map((each) => `${each.name}@${each.version}`))
      if (users.length) throw adapterInUse(name, users)
      const standing = version === undefined ? [] : moved.filter((each) => each.name === name && each.version === version && each.alias !== latest)
      if (standing.length)
        throw aliasInUse(
          `${name}@${version}`,
          standing.map(({ alias }) => `${name}@${alias}`),
        )
      versions = versions.filter((each) => !taken.includes(each))
      gone.push(...taken)
      if (named(name).length === 0) forget(name)
      return taken
    },
    async settle(name, version, gate) {
      const found = named(name).find((each) => each.version === version)
      if (!found?.candidate) return undefined
      const passed = gate.status === 'passed'
      if (passed && (movedTo(name, latest)?.updatedAt ?? 0) <= found.createdAt) forget(name, latest)
      Object.assign(found, { gate, candidate: !passed })
      return found
    },
    async collect(asked) {
      const taken: AdapterVersion[] = []
      for (const { name, version } of asked) {
        const id = `${name}@${version}`
        const found = named(name).find((each) => each.version === version)
        const routed = compositions().some((text) => text.includes(id) || (found && text.includes(found.digest)))
        if (!found || routed || usersOf([id]).length || latestOf(name)?.version === version) continue
        if (moved.some((each) => each.name === name && each.version === version && each.alias !== latest)) continue
        versions = versions.filter((each) => each !== found)
        taken.push(found)
      }
      gone.push(...taken)
      return taken
    },
  }

  const aliases: AdapterAliases = {
    get: async (name, alias) => aliasOf(name, alias),
    async list(name) {
      const all = name === undefined ? [...new Set(versions.map((each) => each.name))].sort() : [name]
      return all.flatMap((each) => {
        const others = moved.filter((one) => one.name === each && one.alias !== latest).sort((a, b) => (a.alias < b.alias ? -1 : 1))
        return [aliasOf(each, latest) ?? [], ...others].flat()
      })
    },
    async set({ name, alias, version, expected }) {
      const target = await names.find(name, version)
      const held = aliasOf(name, alias)
      if (!target) throw errors.notFound('adapter_version', `${name}@${version}`, [], 'version')
      if (alias === latest && target.candidate) throw candidateNotLatest(`${name}@${version}`)
      if (!isExpected(held, expected)) throw aliasMoved(`${name}@${alias}`, held?.version ?? null)
      forget(name, alias)
      if (alias === latest) for (const each of named(name)) if (each.version >= version) each.withdrawn = each.version > version
      moved.push({ name, alias, version, digest: target.digest, etag: crypto.randomUUID(), updatedAt: now() })
      return { alias: aliasOf(name, alias)!, previous: held?.version ?? null }
    },
    async delete(name, alias, expected) {
      const held = aliasOf(name, alias)
      if (held && !isExpected(held, expected)) throw aliasMoved(`${name}@${alias}`, held.version)
      if (held) forget(name, alias)
      return held
    },
  }
  return { names, aliases }
}
