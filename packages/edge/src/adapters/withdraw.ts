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
  for (const { digest } of await stores.names.remove(name, version, { forced })) await removeUnnamedBlob(stores, digest)
}

/** Deletes a file that no name points to, and its probes; whether it did. */
export async function removeUnnamedBlob({ blobs, names, probes }: Withdrawing, digest: string): Promise<boolean> {
  if (await names.findByDigest(digest)) return false
  const bytes = await blobs.get(digest)
  await blobs.delete(digest)
  await probes.delete(digest)
  // The same file may have been published anew since it was looked for. Who publishes looks again after naming, so one of the two sees it.
  if (!bytes || (await sha256(bytes)) !== digest || !(await names.findByDigest(digest))) return true
  await blobs.put(digest, bytes)
  return false
}
