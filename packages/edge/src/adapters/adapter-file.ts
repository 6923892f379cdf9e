import { errors, isWeftError, sha256 } from '@weft/adapters'
import { adapterFileDamaged, adapterFileMissing } from '../errors.ts'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'
import type { AdapterNames, AdapterVersion } from '../stores/adapter-names.ts'
import { adapterId } from './adapter-object.ts'

/** An adapter's file, as it was published. Errors 500 `adapter_file_missing`; `adapter_file_damaged` when its bytes are no longer those of its digest. */
export async function adapterFile(blobs: AdapterBlobs, { id, digest }: { id: string; digest: string }): Promise<Uint8Array> {
  const bytes = await blobs.get(digest)
  if (!bytes) throw adapterFileMissing(id, digest)
  if ((await sha256(bytes)) !== digest) throw adapterFileDamaged(id, digest)
  return bytes
}

/** Reads from the file of a version that was found just now. Error 404 `adapter_version_not_found` where it was deleted since, and its file with it. */
export async function whileThere<T>(read: Promise<T>, names: Pick<AdapterNames, 'find'>, adapter: AdapterVersion, param: string): Promise<T> {
  try {
    return await read
  } catch (error) {
    if (!isWeftError(error) || error.code !== 'adapter_file_missing' || (await names.find(adapter.name, adapter.version))) throw error
    throw errors.notFound('adapter_version', adapterId(adapter), [], param)
  }
}
