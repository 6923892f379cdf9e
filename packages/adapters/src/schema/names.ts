import * as z from 'zod/mini'

/** `style/speech`: segments of letters, digits, `_`, `.` and `-`, the first beginning with a letter. */
const namePattern = /^[A-Za-z][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/

export const adapterNameSchema = z
  .string()
  .check(z.maxLength(128), z.regex(namePattern, 'expected a name like "style/speech": letters, digits, "_", "." and "-", segments parted by "/"'))

/** Names that expressions and the API's paths use themselves. */
const isFree = (name: string): boolean => name !== 'base' && !/(^|\/)(content|versions)$/.test(name)

/** A name to publish under. */
export const newNameSchema = adapterNameSchema.check(
  z.refine(isFree, 'the name is taken: "base" is the base model, and paths ending in "content" or "versions" are the API\'s own'),
)

export const routeNameSchema = newNameSchema
