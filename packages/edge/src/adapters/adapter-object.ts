import type { AdapterObject } from '@weft/protocol'
import type { AdapterAlias } from '../stores/adapter-aliases.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'

export const adapterId = ({ name, version }: Pick<AdapterVersion, 'name' | 'version'>): string => `${name}@${version}`

/** A version as `/v1/adapters` shows it, with the aliases that stand for it; with its whole manifest where one is asked for. */
export const adapterObject = (adapter: AdapterVersion, aliases: readonly AdapterAlias[], { withManifest = false } = {}): AdapterObject => {
  const { manifest } = adapter
  // A list of all adapters is told whatever the manifest of one of them lacks.
  const madeWith = manifest.lineage?.required?.map(({ ref }) => ref)
  return {
    id: adapterId(adapter),
    object: 'adapter',
    name: adapter.name,
    version: adapter.version,
    aliases: aliases.filter(({ name, version }) => name === adapter.name && version === adapter.version).map(({ alias }) => alias),
    ...(adapter.candidate ? { candidate: true } : {}),
    ...(adapter.gate ? { gate: adapter.gate } : {}),
    digest: adapter.digest,
    method: manifest.method,
    base: manifest.base,
    task: manifest.task,
    ...(manifest.labels ? { labels: manifest.labels } : {}),
    sites: manifest.sites,
    ...(madeWith?.length ? { madeWith } : {}),
    virtualTokens: manifest.virtualTokens,
    bytes: adapter.bytes,
    createdAt: adapter.createdAt,
    jobId: adapter.jobId,
    ...(adapter.signature ? { signature: adapter.signature } : {}),
    ...(adapter.sharedBy === undefined ? {} : { sharedBy: adapter.sharedBy }),
    ...(withManifest ? { manifest } : {}),
  }
}
