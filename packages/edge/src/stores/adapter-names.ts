import type { AdapterManifest, AdapterRef, AdapterSignature } from '@weft/adapters'
import type { Gate } from '@weft/protocol'

/** What the name of an upload begins with, and no job's id. */
export const publicationPrefix = 'publication'

/** `name@version`, and the file that it points to for ever. */
export interface AdapterVersion {
  /** Whose it is. */
  tenant: string
  name: string
  version: number
  /** `sha256:<hex>` of the file. */
  digest: string
  bytes: number
  manifest: AdapterManifest
  jobId: string | null
  /** Seconds since 1970. */
  createdAt: number
  /** Has not passed its publish gate: the bare name never means it. */
  candidate: boolean
  gate: Gate | null
  /** Who vouches for the file. */
  signature: AdapterSignature | null
  /** Its name was rolled back from it: the bare name means it again only once a rollback names it. */
  withdrawn: boolean
  /** The tenant that shares it, where it is not the asker's own. */
  sharedBy?: string
}

export interface Publication {
  name: string
  digest: string
  bytes: number
  manifest: AdapterManifest
  /** A job publishes once: repeating its last step gives the version that it already has. */
  jobId?: string
  /** Names an upload that is none of a job, and publishes once as well: see `publicationPrefix`. */
  publication?: string
  signature?: AdapterSignature | undefined
  /** A gate is to pass first: the bare name stays where it is. */
  candidate?: boolean
}

/** Which names and versions a tenant has. Publishing is atomic: two at once get two versions. */
export interface AdapterNames {
  publish(publication: Publication): Promise<AdapterVersion>
  /** The version asked for, or the one that the bare name means: see `AdapterAliases`. */
  find(name: string, version?: number): Promise<AdapterVersion | undefined>
  /** What each reference stands for, all in one question. */
  findAll(references: readonly AdapterRef[]): Promise<(AdapterVersion | undefined)[]>
  /** The oldest version that points to a file; with `name`, of that name alone. */
  findByDigest(digest: string, name?: string): Promise<AdapterVersion | undefined>
  /** Which of these files any version points to. */
  named(digests: readonly string[]): Promise<ReadonlySet<string>>
  /** What a job published, deleted since or not, or what an upload of this name did, unless deleted. */
  findByJob(jobIdOrPublication: string): Promise<AdapterVersion | undefined>
  /** Newest first. */
  versions(name: string): Promise<AdapterVersion[]>
  /** Every version of every name, by name, then newest first. */
  list(): Promise<AdapterVersion[]>
  names(): Promise<string[]>
  /**
   * Takes one version (or all) out of use and gives what was taken. Their numbers are never given again. Error 409
   * `adapter_in_use`, and nothing is taken, while an unfinished job needs one, or an alias stands for the one version. With the last version of a
   * name go its aliases. Who deletes looks at routes, batches and other adapters first; `forced` is for the audit log.
   */
  remove(name: string, version?: number, how?: { forced?: boolean }): Promise<AdapterVersion[]>
  /** Takes versions out of use, but those that their bare name, an alias, a route, or an unfinished job or batch uses by now. Gives what was taken. */
  collect(versions: readonly Pick<AdapterVersion, 'name' | 'version'>[]): Promise<AdapterVersion[]>
  /** Writes down what a candidate's gate found; where it passed, the bare name stands for it, unless it was rolled back since. Undefined where it was deleted. */
  settle(name: string, version: number, gate: Gate): Promise<AdapterVersion | undefined>
}
