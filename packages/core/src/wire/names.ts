import * as z from 'zod/mini'

/** `style/speech`: segments of letters, digits, `_`, `.` and `-`, the first beginning with a letter. */
export const namePattern = /^[A-Za-z][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/

export const adapterNameSchema = z.string().check(
  z.maxLength(128),
  z.regex(namePattern, 'expected a name like "style/speech": letters, digits, "_", "." and "-", segments parted by "/"'),
)

export const routeNameSchema = adapterNameSchema
