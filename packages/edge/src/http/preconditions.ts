import type { Context } from 'hono'
import { contradictingExpectation, invalidEtag } from '../adapters/errors.ts'
import { unsupportedParameter } from '../errors.ts'
import type { ExpectedAlias } from '../stores/adapter-aliases.ts'

/** `"abc"` → `abc`. Error 400 `invalid_request` for lists, weak etags and `*`. */
function etagOf(header: string, value: string): string {
  const etag = /^"([\x21\x23-\x7e]+)"$/.exec(value.trim())?.[1]
  if (etag === undefined) throw invalidEtag(header, value)
  return etag
}

/** Headers that say so, as the document tells of them. */
export const preconditionHeaders = {
  'if-match': 'The etag that it must have for the change to take place',
  'if-none-match': '`*`: it must not be there yet',
}

/** Under what conditions a change is to take place, as HTTP says it. When reading they are for caches: who heeds none of them gives a right answer. */
const conditions = ['if-match', 'if-none-match', 'if-unmodified-since']

/** Error 400 `unsupported_parameter` for a change whose condition is none of the headers that its endpoint reads: made whatever holds, it may undo another's. */
export function refuseUnreadConditions({ req }: Context, read: Readonly<Record<string, string>>): void {
  const { method: verb } = req
  if (verb === 'GET' || verb === 'HEAD') return
  const unread = conditions.find((name) => !Object.hasOwn(read, name) && req.header(name) !== undefined)
  if (unread) throw unsupportedParameter(unread, { why: 'what it expects would not be looked at' })
}

/**
 * What the stored thing must be for a change to take place: from `if-match` (an etag), `if-none-match: *` (not there yet), or the body's `expected`.
 * Undefined where the caller expects nothing. Error 400 `invalid_request` where it is said twice, or not to be understood.
 */
export function preconditionOf(c: Context, expected: number | null | undefined): ExpectedAlias | undefined {
  const match = c.req.header('if-match')
  const noneMatch = c.req.header('if-none-match')
  if ([match, noneMatch, expected].filter((said) => said !== undefined).length > 1)
    throw contradictingExpectation(expected === undefined ? 'if-none-match' : 'expected')
  if (match !== undefined) return { etag: etagOf('if-match', match) }
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*') throw invalidEtag('if-none-match', noneMatch)
    return { version: null }
  }
  return expected === undefined ? undefined : { version: expected }
}

/** The same where an etag is the number of a version: that number, null where nothing must be there yet, undefined where nothing is expected. */
export function versionPrecondition(c: Context): number | null | undefined {
  const expected = preconditionOf(c, undefined)
  if (expected?.etag === undefined) return expected?.version
  if (!/^\d{1,9}$/.test(expected.etag)) throw invalidEtag('if-match', expected.etag)
  return Number(expected.etag)
}
