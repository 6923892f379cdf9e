import { type AdapterRef, errors, nearest } from '@weft/adapters'
import { adapterId } from '../adapters/adapter-object.ts'
import type { AdapterNames, AdapterVersion } from '../stores/adapter-names.ts'

/** The version that a reference stands for. Errors: 404 `adapter_not_found`, `adapter_version_not_found`, with the nearest there are. */
export async function findAdapter(names: AdapterNames, { name, version, digest }: AdapterRef, param = 'model'): Promise<AdapterVersion> {
  const found = digest ? await names.findByDigest(digest, name) : await names.find(name, version)
  if (found) return found
  if (digest) throw errors.notFound('adapter', `${name}@${digest}`, [], param)
  const versions = version === undefined ? [] : await names.versions(name)
  if (versions.length) throw errors.notFound('adapter_version', `${name}@${version}`, versions.map(adapterId), param)
  throw errors.notFound('adapter', name, nearest(name, await names.names()), param)
}
