import { type AdapterRef, errors, latest, nearest, print, type ResolvedAdapter } from '@weft/adapters'
import { adapterId } from '../adapters/adapter-object.ts'
import { noLatest } from '../adapters/errors.ts'
import type { AdapterNames, AdapterVersion } from '../stores/adapter-names.ts'

/** The version that a reference stands for. Errors: 404 `adapter_not_found`, `adapter_version_not_found`, `adapter_alias_not_found`, with the nearest there are. */
export async function findAdapter(names: AdapterNames, ref: AdapterRef, param = 'model'): Promise<AdapterVersion> {
  const { name, version, alias, digest } = ref
  const [found] = alias === undefined ? [digest ? await names.findByDigest(digest, name) : await names.find(name, version)] : await names.findAll([ref])
  return found ?? (await refuse(names, ref, param))
}

/** The versions that references stand for, by the reference as printed: one question for all of them. Errors as `findAdapter`. */
export async function findAdapters(names: AdapterNames, refs: readonly AdapterRef[], param = 'model'): Promise<Map<string, AdapterVersion>> {
  const [first, ...others] = [...new Map(refs.map((ref) => [print(ref), ref]))]
  if (!first) return new Map()
  if (!others.length) return new Map([[first[0], await findAdapter(names, first[1], param)]])
  const asked = [first, ...others]
  const found = await names.findAll(asked.map(([, ref]) => ref))
  const versions = new Map<string, AdapterVersion>()
  // Of several that are not there the first is told, and not the one that is looked for soonest.
  for (const [at, [text, ref]] of asked.entries()) versions.set(text, found[at] ?? (await refuse(names, ref, param)))
  return versions
}

/** For `canonical`, of references that were found. */
export const resolvedOf =
  (found: ReadonlyMap<string, AdapterVersion>) =>
  (ref: AdapterRef): ResolvedAdapter => {
    const adapter = found.get(print(ref))!
    const { sites, shared } = adapter.manifest
    return { ref: adapterId(adapter), digest: adapter.digest, sites, ...(shared ? { shared } : {}) }
  }

async function refuse(names: AdapterNames, ref: AdapterRef, param: string): Promise<never> {
  const { name, version, alias = latest, digest } = ref
  const versions = (await names.versions(name)).map(adapterId)
  if (versions.length === 0) throw errors.notFound('adapter', name, nearest(name, await names.names()), param)
  if (version !== undefined || digest) throw errors.notFound('adapter_version', print(ref), versions, param)
  if (alias === latest) throw noLatest(name, versions, param)
  throw errors.notFound('adapter_alias', print(ref), versions, param)
}
