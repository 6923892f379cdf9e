import { sha256 } from '@weft/adapters'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'
import type { AdapterNames } from '../stores/adapter-names.ts'

/** Takes a version (or all of a name) out of use; its file goes with the last name that points to it. Error 409 `adapter_in_use`. */
export async function withdrawAdapter({ blobs, names }: { blobs: AdapterBlobs; names: AdapterNames }, name: string, version?: number): Promise<void> {
  for (const { digest } of await names.remove(name, version)) {
    if (await names.findByDigest(digest)) continue
    const bytes = await blobs.get(digest)
    await blobs.delete(digest)
    // The same file may have been published anew since it was looked for. Who publishes looks again after naming, so one of the two sees it.
    if (bytes && (await sha256(bytes)) === digest && (await names.findByDigest(digest))) await blobs.put(digest, bytes)
  }
}
