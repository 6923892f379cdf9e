import { type AdapterSignature, type AdapterState, errors, isFloat, isOfBase, type LoadedAdapter, readAdapter } from '@weft/adapters'
import { checkAdapter, type PluginRegistry } from '@weft/methods'
import type { HeldModel } from '@weft/protocol'
import { manifestTooLarge } from '../errors.ts'
import type { PublishGate } from '../gate/publish-gate.ts'
import { passes } from '../passes.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import type { Signatures } from './signatures.ts'

/** Characters of a manifest, which every list of adapters reads. */
const longestManifest = 256 * 1024

export interface AdapterUpload {
  name: string
  bytes: Uint8Array
  /** Base models to check shapes against, where one of them is the adapter's. */
  models: readonly HeldModel[]
  jobId?: string
  /** Names an upload, as a job's id does what it publishes: with the prefix of `publicationPrefix`. */
  publication?: string
  /** Over the file's digest, by whoever vouches for it; what a job publishes, this deployment signs. */
  signature?: AdapterSignature | undefined
}

/** What publishing needs besides the file. */
export interface Publisher extends Pick<TenantStores, 'blobs' | 'names' | 'signingKeys'> {
  plugins: PluginRegistry
  signatures: Signatures
  gate: Pick<PublishGate, 'checkSize' | 'measures'>
  /** Seconds since 1970. */
  now(): number
}

/**
 * Publishes an adapter file as the next version of `name`. The file is read whole first (manifest, shapes, dtypes, finite values), then
 * stored, then named: a name never points to a file that is not there. Where a gate measures it, it is a candidate first. Errors: 422 from reading;
 * 413 `manifest_too_large`, `adapter_too_large`; of its signature, see `Signatures.checkPublication`.
 */
export async function publishAdapter(
  { blobs, names, signingKeys, plugins, signatures, gate, now }: Publisher,
  { name, bytes, models, jobId, publication, signature: given }: AdapterUpload,
): Promise<AdapterVersion> {
  gate.checkSize(name, bytes.byteLength)
  const { digest, manifest } = await readChecked(bytes, models, plugins)
  const signature = given ?? (jobId === undefined ? undefined : await signatures.sign(digest))
  await signatures.checkPublication({ signingKeys }, { name, digest, signature: signature ?? null, at: now() })
  await blobs.put(digest, bytes)
  const published = await names.publish({
    name,
    digest,
    bytes: bytes.byteLength,
    manifest,
    signature,
    candidate: gate.measures(name),
    ...(jobId === undefined ? {} : { jobId }),
    ...(publication === undefined ? {} : { publication }),
  })
  // Whoever withdrew the file's last other name in between has taken the file away.
  const isThere = await blobs.has(digest).catch((error: unknown) => {
    // It is published by now: told as failed, it would be published again. What a job publishes is the same version however often that is tried.
    if (jobId !== undefined || !passes(error)) throw error
    console.error(`${name}@${published.version} is published, and whether its file is still there could not be asked:`, error)
    return true
  })
  if (!isThere) await blobs.put(digest, bytes)
  return published
}

async function readChecked(bytes: Uint8Array, models: readonly HeldModel[], plugins: PluginRegistry): Promise<LoadedAdapter> {
  const adapter = await readAdapter(bytes)
  const { length } = JSON.stringify(adapter.manifest)
  if (length > longestManifest) throw manifestTooLarge(length, longestManifest)
  // A method that is not here, or a config that it refuses, could not be composed or trained on.
  checkAdapter(adapter, plugins)
  const model = models.find((held) => isOfBase(adapter.manifest, held))
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
