import * as z from 'zod/mini'

/** `style/speech`: segments of letters, digits, `_`, `.` and `-`, the first beginning with a letter. */
const namePattern = /^[A-Za-z][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/

export const adapterNameSchema = z
  .string()
  .check(
    z.maxLength(128),
    z.regex(
      namePattern,
      'expected a name like "style/speech": parts of the letters a to z, digits, "_", "." and "-", with "/" between; it begins with a letter, and each further part with a letter, a digit or "_"',
    ),
  )

/** The last part of a path that is the API's own. */
const ownPart = /(^|\/)(content|versions|aliases|probes|diff|rollback|gate)$/
/** `…/aliases/prod`, the path of an alias. */
const aliasPath = /(^|\/)aliases\/[^/]+$/

/** Names that expressions and the API's paths use themselves. */
const isFree = (name: string): boolean => name !== 'base' && !ownPart.test(name) && !aliasPath.test(name)

/** A name to publish under. */
export const newNameSchema = adapterNameSchema.check(
  z.refine(
    isFree,
    'the name is taken: "base" is the base model, and paths ending in "content", "versions", "aliases" (or a part beneath it), "probes", "diff", "rollback" or "gate" are the API\'s own',
  ),
)

/** A path of a route may go on behind its name. */
export const routeNameSchema = newNameSchema.check(
  z.refine((name) => !/(^|\/)(metrics)$/.test(name), 'the name is taken: paths of routes ending in "metrics" are the API\'s own'),
)

/** `prod`: begins with a letter, so that it never looks like a version (`3`); `v3` would to people. */
const aliasPattern = /^(?!v\d+$)[a-z][a-z0-9_.-]*$/i

/** A word behind `@` in an expression. */
export const aliasSchema = z
  .string()
  .check(
    z.maxLength(64),
    z.regex(aliasPattern, 'expected an alias like "prod": letters, digits, "_", "." and "-", a letter first, and no version such as "v3"'),
  )

/** The alias that every name has: what the bare name means. Publishing and rolling back move it. */
export const latest = 'latest'

/** Words that would read as something else behind an `@`. */
const reservedAliases: Readonly<Record<string, string>> = {
  [latest]: 'it is what the bare name means: publish, or roll back, to move it',
  newest: 'it would read as the newest version, which no alias is',
  base: 'it names the base model',
  sha256: 'it begins a digest',
}

/** An alias that users make. */
export const newAliasSchema = aliasSchema.check((payload) => {
  const why = Object.hasOwn(reservedAliases, payload.value.toLowerCase()) ? reservedAliases[payload.value.toLowerCase()] : undefined
  if (why !== undefined) payload.issues.push({ code: 'custom', input: payload.value, message: `"${payload.value}" is reserved: ${why}` })
})
