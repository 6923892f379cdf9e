/**
 * `style/speech@prod`: a name for a version that may be moved to another, in one step. The alias `latest` is what the bare name means. It is the
 * newest version that is no candidate, until a rollback moves it back; the next publication moves it forward again. What it was rolled back from it
 * never means by itself again.
 */
export interface AdapterAlias {
  name: string
  alias: string
  version: number
  digest: string
  /** Another at every move. */
  etag: string
  /** Seconds since 1970. */
  updatedAt: number
}

/** What an alias must be for a move to take place (compare-and-swap): the version it stands for (null: none yet), or its etag. */
export interface ExpectedAlias {
  version?: number | null
  etag?: string
}

export interface AliasMove {
  name: string
  alias: string
  version: number
  expected?: ExpectedAlias
}

/** Of `names`: both are written in one step where one depends on the other. */
export interface AdapterAliases {
  get(name: string, alias: string): Promise<AdapterAlias | undefined>
  /** By name, `latest` first, then by alias; of one name, or of all. */
  list(name?: string): Promise<AdapterAlias[]>
  /**
   * Makes an alias, or moves it; says where it was. Two moves that expect the same can not both take place. Errors: 404
   * `adapter_version_not_found`, 409 `candidate_not_latest`, 412 `alias_moved`.
   */
  set(move: AliasMove): Promise<{ alias: AdapterAlias; previous: number | null }>
  /** What it was; undefined where there is none to delete. Error 412 `alias_moved`. */
  delete(name: string, alias: string, expected?: ExpectedAlias): Promise<AdapterAlias | undefined>
}
