import { type AdapterRef, isPinned, sha256 } from '@weft/adapters'
import { findAdapter } from '../resolve/adapter-refs.ts'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'
import type { AdapterNames } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { aliasIsNoVersion } from './errors.ts'

/** Withdraws what a reference names: one version, or, for a bare name, all of it. Errors: 404, 409 `adapter_in_use`; 400 for an alias, which is deleted by itself. */
export async function withdrawReference(stores: { blobs: AdapterBlobs; names: AdapterNames }, ref: AdapterRef, param: string): Promise<void> {
  const { name, alias } = ref
  if (alias !== undefined) throw aliasIsNoVersion(name, alias, param)
  // A name may have versions and yet stand for none.
  const bare = !isPinned(ref) && (await stores.names.versions(name)).length > 0
  await withdrawAdapter(stores, name, bare ? undefined : (await findAdapter(stores.names, ref, param)).version)
}

/** Takes a version (or all of a name) out of use; its file goes with the last name that points to it. Error 409 `adapter_in_use`. */
export async function withdrawAdapter({ blobs, names }: { blobs: AdapterBlobs; names: AdapterNames }, name: string, version?: number): Promise<void> {
  for (const { digest } of await names.remove(name, version)) await removeUnnamedBlob({ blobs, names }, digest)
}

/** Deletes a file that no name points to; whether it did. */
export async function removeUnnamedBlob({ blobs, names }: Pick<TenantStores, 'blobs' | 'names'>, digest: string): Promise<boolean> {
  if (await names.findByDigest(digest)) return false
  const bytes = await blobs.get(digest)
  await blobs.delete(digest)
  // The same file may have been published anew since it was looked for. Who publishes looks again after naming, so one of the two sees it.
  if (!bytes || (await sha256(bytes)) !== digest || !(await names.findByDigest(digest))) return true
  await blobs.put(digest, bytes)
  return false
}
