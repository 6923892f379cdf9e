import { sha256 } from '@weft/adapters'
import { adapterFileDamaged, adapterFileMissing } from '../errors.ts'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'

/** An adapter's file, as it was published. Errors 500 `adapter_file_missing`; `adapter_file_damaged` when its bytes are no longer those of its digest. */
export async function adapterFile(blobs: AdapterBlobs, { id, digest }: { id: string; digest: string }): Promise<Uint8Array> {
  const bytes = await blobs.get(digest)
  if (!bytes) throw adapterFileMissing(id, digest)
  if ((await sha256(bytes)) !== digest) throw adapterFileDamaged(id, digest)
  return bytes
}
