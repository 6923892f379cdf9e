import { type AdapterRef, isPinned, sha256 } from '@weft/adapters'
import type { Use, UserKind } from '../collect/uses.ts'
import { findAdapter } from '../resolve/adapter-refs.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import { adapterId } from './adapter-object.ts'
import { adapterUsed, aliasIsNoVersion } from './errors.ts'

type Withdrawing = Pick<TenantStores, 'blobs' | 'names' | 'probes'>

/** What keeps a version from being deleted by whoever may delete it. The bare name goes back to an earlier version, and a calibration is made again. */
const keeps: ReadonlySet<UserKind> = new Set<UserKind>(['alias', 'route', 'adapter', 'job', 'batch'])
/** What an admin may leave with an adapter that is gone. */
const mayLose: ReadonlySet<UserKind> = new Set<UserKind>(['route', 'adapter', 'batch'])

/**
 * Withdraws what a reference names: one version, or, for a bare name, all of it. Errors: 404, 409 `adapter_in_use`; 400 for an alias, which is deleted by itself.
 * @param force deletes what routes, batches and other adapters use too
 */
export async function withdrawReference(stores: PrincipalStores, ref: AdapterRef, param: string, { force = false } = {}): Promise<void> {
  const { name, alias } = ref
  if (alias !== undefined) throw aliasIsNoVersion(name, alias, param)
  // A name may have versions and yet stand for none.
  const versions = isPinned(ref) ? [] : await stores.names.versions(name)
  const found = versions.length > 0 ? versions : [await findAdapter(stores.names, ref, param)]
  const version = versions.length > 0 ? undefined : found[0]!.version
  // What is another's is refused as such by the store.
  if (found.every(({ tenant }) => tenant === stores.tenant)) await refuseUsed(stores, found, version, param, force)
  await withdrawAdapter(stores, name, version, { forced: force })
}

/** Error 409 `adapter_in_use`, naming what of the tenant's uses it, as far as the asker may see that. Aliases of a name go with the name, and so do its versions that were trained over one another. */
async function refuseUsed(
  { uses, allowed }: Pick<PrincipalStores, 'uses' | 'allowed'>,
  found: readonly AdapterVersion[],
  version: number | undefined,
  param: string,
  force: boolean,
): Promise<void> {
  const { versions, unreadBatches } = await uses()
  const ids = new Set(found.map(adapterId))
  const all = [
    ...[...versions].flatMap(([id, uses]) => (ids.has(id) ? uses : [])),
    ...unreadBatches.map((id): Use => ({ kind: 'batch', by: id, why: `the batch "${id}" may ask for it, and has not been read yet` })),
  ].filter(
    ({ kind, by }) => keeps.has(kind) && !(kind === 'alias' && version === undefined) && !(kind === 'adapter' && ids.has(by)) && !(force && mayLose.has(kind)),
  )
  if (all.length === 0) return
  const seen = all.map(({ kind, by, why }) => {
    const use = { kind, by, why, mayLose: mayLose.has(kind) }
    if (kind === 'route' && !allowed.route(by)) return { ...use, by: null, why: "a route outside this key's scopes uses it" }
    if (kind === 'adapter' && !allowed.name(by)) return { ...use, by: null, why: "an adapter outside this key's scopes was trained over it" }
    return use
  })
  throw adapterUsed(version === undefined ? found[0]!.name : `${found[0]!.name}@${version}`, seen, param)
}

/** Takes a version (or all of a name) out of use; its file and its probes go with the last name that points to it. Error 409 `adapter_in_use`. */
export async function withdrawAdapter(stores: Withdrawing, name: string, version?: number, { forced = false } = {}): Promise<void> {
  await removeUnnamedBlobs(stores, await stores.names.remove(name, version, { forced }))
}

interface NamedFile {
  digest: string
  bytes: number
}

/** Files that are held in memory together, and their bytes: on Cloudflare an invocation has a thousand questions to the database, and an isolate 128 MB. */
const filesAtOnce = 32
const bytesAtOnce = 8 * 2 ** 20

function* partsOf(files: readonly NamedFile[]): Generator<string[]> {
  let part: string[] = []
  let held = 0
  for (const [digest, bytes] of new Map(files.map(({ digest, bytes }) => [digest, bytes]))) {
    if (part.length === filesAtOnce || (part.length > 0 && held + bytes > bytesAtOnce)) {
      yield part
      part = []
      held = 0
    }
    part.push(digest)
    held += bytes
  }
  if (part.length > 0) yield part
}

/** Deletes those files that no name points to, and their probes; gives which. */
export async function removeUnnamedBlobs({ blobs, names, probes }: Withdrawing, files: readonly NamedFile[]): Promise<Set<string>> {
  const removed = new Set<string>()
  for (const part of partsOf(files)) {
    const named = await names.named(part)
    const unnamed = part.filter((digest) => !named.has(digest))
    if (unnamed.length === 0) continue
    const held = new Map<string, Uint8Array | undefined>()
    for (const digest of unnamed) {
      held.set(digest, await blobs.get(digest))
      await blobs.delete(digest)
    }
    await probes.delete(unnamed)
    // The same file may have been published anew since it was looked for. Who publishes looks again after naming, so one of the two sees it.
    const anew = await names.named(unnamed)
    for (const [digest, bytes] of held) {
      if (anew.has(digest) && bytes && (await sha256(bytes)) === digest) await blobs.put(digest, bytes)
      else removed.add(digest)
    }
  }
  return removed
}
