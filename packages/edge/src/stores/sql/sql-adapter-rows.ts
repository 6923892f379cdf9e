import type { AdapterManifest, AdapterSignature } from '@weft/adapters'
import type { Gate } from '@weft/protocol'
import { type AdapterVersion, publicationPrefix } from '../adapter-names.ts'

/** A row of `adapter_versions`. */
export interface AdapterRow {
  tenant: string
  name: string
  version: number
  digest: string
  bytes: number
  manifest: string
  job_id: string | null
  created_at: number
  candidate: number
  gate: string | null
  signature: string | null
  withdrawn: number
}

const columnNames = ['tenant', 'name', 'version', 'digest', 'bytes', 'manifest', 'job_id', 'created_at', 'candidate', 'gate', 'signature', 'withdrawn'] as const

export const adapterColumns = (table?: string): string => columnNames.map((column) => (table ? `${table}.${column}` : column)).join(', ')

export const fromAdapterRow = (row: AdapterRow): AdapterVersion => ({
  tenant: row.tenant,
  name: row.name,
  version: row.version,
  digest: row.digest,
  bytes: row.bytes,
  manifest: JSON.parse(row.manifest) as AdapterManifest,
  // An upload's name stands where a job's id does: either publishes once.
  jobId: row.job_id?.startsWith(`${publicationPrefix}-`) ? null : row.job_id,
  createdAt: row.created_at,
  candidate: row.candidate === 1,
  gate: row.gate === null ? null : (JSON.parse(row.gate) as Gate),
  signature: row.signature === null ? null : (JSON.parse(row.signature) as AdapterSignature),
  withdrawn: row.withdrawn === 1,
})

/** The version that a bare name means, as a subquery: the newest that is neither deleted nor a candidate nor withdrawn, up to the one that the name was rolled back to. */
export const latestOf = (tenant: string, name: string): string => `(
  SELECT max(version) FROM adapter_versions WHERE tenant = ${tenant} AND name = ${name} AND deleted_at IS NULL AND candidate = 0 AND withdrawn = 0
  AND version <= COALESCE((SELECT version FROM adapter_aliases WHERE tenant = ${tenant} AND name = ${name} AND alias = 'latest'), version)
)`
