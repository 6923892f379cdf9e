import { type AdapterState, errors, isFloat, type LoadedAdapter, readAdapter } from '@weft/adapters'
import { checkAdapter, type PluginRegistry } from '@weft/methods'
import type { HeldModel } from '@weft/protocol'
import { manifestTooLarge } from '../errors.ts'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'
import type { AdapterNames, AdapterVersion } from '../stores/adapter-names.ts'

/** Characters of a manifest, which every list of adapters reads. */
const longestManifest = 256 * 1024

export interface AdapterUpload {
  name: string
  bytes: Uint8Array
  /** Base models to check shapes against, where one of them is the adapter's. */
  models: readonly HeldModel[]
  jobId?: string
}

/**
 * Publishes an adapter file as the next version of `name`. The file is read whole first (manifest, shapes, dtypes, finite values), then
 * stored, then named: a name never points to a file that is not there. Errors: 422 from reading; 413
 * `manifest_too_large`.
 */
export async function publishAdapter(
  { blobs, names, plugins }: { blobs: AdapterBlobs; names: AdapterNames; plugins: PluginRegistry },
  { name, bytes, models, jobId }: AdapterUpload,
): Promise<AdapterVersion> {
  const { digest, manifest } = await readChecked(bytes, models, plugins)
  await blobs.put(digest, bytes)
  const published = await names.publish({ name, digest, bytes: bytes.byteLength, manifest, ...(jobId === undefined ? {} : { jobId }) })
  // Whoever withdrew the file's last other name in between has taken the file away.
  if (!(await blobs.has(digest))) await blobs.put(digest, bytes)
  return published
}

async function readChecked(bytes: Uint8Array, models: readonly HeldModel[], plugins: PluginRegistry): Promise<LoadedAdapter> {
  const adapter = await readAdapter(bytes)
  const { length } = JSON.stringify(adapter.manifest)
  if (length > longestManifest) throw manifestTooLarge(length, longestManifest)
  // A method that is not here, or a config that it refuses, could not be composed or trained on.
  checkAdapter(adapter, plugins)
  const model = models.find(({ fingerprint }) => fingerprint === adapter.manifest.base.fingerprint)
  if (model) {
    const checked = await readAdapter(bytes, { model: model.spec })
    checkAdapter(checked, plugins, model.spec)
    return checked
  }
  // No model here to compare shapes with; composing will. What can never be right is refused already.
  checkFinite(adapter.state)
  return adapter
}

function checkFinite(state: AdapterState): void {
  for (const [site, tensors] of Object.entries(state))
    for (const [name, tensor] of Object.entries(tensors)) {
      const at = isFloat(tensor) ? tensor.data.findIndex((value) => !Number.isFinite(value)) : -1
      if (at >= 0) throw errors.notFinite(`${site}.${name}`, at, tensor.data[at]!)
    }
}
