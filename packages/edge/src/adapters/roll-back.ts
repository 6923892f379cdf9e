import { errors, latest, nearest } from '@weft/adapters'
import { sharedReadOnly } from '../auth/errors.ts'
import type { AdapterAlias, ExpectedAlias } from '../stores/adapter-aliases.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { aliasMoved, nothingEarlier } from './errors.ts'

interface Rollback {
  name: string
  /** When absent, the version before what the bare name means now, of those that it was not rolled back from already. */
  to?: number | undefined
  expected?: ExpectedAlias | undefined
}

/**
 * Moves what the bare name means to another version, and deletes nothing. The next publication moves it forward again. Errors: 404 for name and version, 409
 * `candidate_not_latest`, `nothing_to_roll_back`, 412 `alias_moved`.
 */
export async function rollBack(
  { names, aliases }: Pick<TenantStores, 'names' | 'aliases'>,
  { name, to, expected }: Rollback,
): Promise<{ alias: AdapterAlias; previous: number | null }> {
  const versions = await names.versions(name)
  if (versions.length === 0) throw errors.notFound('adapter', name, nearest(name, await names.names()), 'name')
  if (versions[0]!.sharedBy !== undefined) throw sharedReadOnly(name, versions[0]!.sharedBy, 'name')
  if (to !== undefined) return aliases.set({ name, alias: latest, version: to, ...(expected ? { expected } : {}) })
  const held = await aliases.get(name, latest)
  if (expected && (expected.etag === undefined ? expected.version !== held?.version : expected.etag !== held?.etag))
    throw aliasMoved(`${name}@${latest}`, held?.version ?? null)
  const earlier = versions.find(({ version, candidate, withdrawn }) => !candidate && !withdrawn && version < (held?.version ?? Infinity))
  if (!earlier) throw nothingEarlier(name, held?.version ?? 0)
  // What was looked at must still hold, or the one before would be another.
  return aliases.set({ name, alias: latest, version: earlier.version, expected: held ? { etag: held.etag } : { version: null } })
}
