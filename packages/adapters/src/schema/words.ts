import type { $ZodRawIssue } from 'zod/v4/core'
import en from 'zod/v4/locales/en.js'
import { nearest } from '../nearest.ts'

/** As readers say it. */
export const nameOfType: Readonly<Record<string, string>> = {
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'null',
  nonoptional: 'a value',
}

/** Most characters of a value that a message repeats: of a longer one it says what it is. */
const longestShown = 32
/** Most values to choose from that are listed where one is near to what was given. */
const mostListed = 12

/** A value as a message repeats it. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value !== null && typeof value === 'object') return 'an object'
  if (typeof value === 'string') return value.length > longestShown ? 'a string' : JSON.stringify(value)
  return String(value)
}

/** `"a", "b" or "c"` */
export const either = (options: readonly string[]): string =>
  options.length < 2 ? options.join('') : `${options.slice(0, -1).join(', ')} or ${options.at(-1)}`

export const got = (input: unknown, expected: string): string =>
  input === undefined ? `it is missing; expected ${expected}` : `expected ${expected}, got ${shown(input)}`

function ofValues(values: readonly unknown[], input: unknown): string {
  const [near] =
    typeof input === 'string'
      ? nearest(
          input,
          values.filter((value) => typeof value === 'string'),
          1,
        )
      : []
  const all = values.map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value)))
  const meant = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
  return got(input, all.length > mostListed && near !== undefined ? `one of ${all.length} words` : either(all)) + meant
}

/** Whether a number is to be whole, which zod tells of numbers alone. */
const isWhole = ({ expected, inst }: { expected?: string; inst?: unknown }): boolean =>
  expected === 'number' && (inst as { _zod?: { def?: { format?: string } } } | undefined)?._zod?.def?.format === 'safeint'

const english = en().localeError

/** Before a number that is beyond its bound, whose words the bound has. */
export const beyond = 'beyond its bound: '

/** Of a union whose value is missing: what it expects is told beside it. */
export const absent = 'it is missing'

/** What zod says of what is of a wrong type, or none of the values to choose from, in words of ours: what was expected, and what came. */
export function localeError(issue: $ZodRawIssue): string {
  if (issue.code === 'invalid_type') return got(issue.input, nameOfType[isWhole(issue) ? 'int' : issue.expected] ?? issue.expected)
  if (issue.code === 'invalid_value') return ofValues(issue.values, issue.input)
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined)
    return ofValues((issue.options as readonly unknown[] | undefined) ?? [], (issue.input as Record<string, unknown> | null)?.[issue.discriminator])
  // A number beyond its bound is told beside it; of a text or a list it is long.
  if ((issue.code === 'too_small' || issue.code === 'too_big') && typeof issue.input === 'number') return `${beyond}${issue.input}`
  if (issue.code === 'invalid_union' && issue.input === undefined) return absent
  const message = english(issue)
  return typeof message === 'string' ? message : (message?.message ?? 'Invalid input')
}

/** For a schema: what it expects where its type alone would tell nobody what to write. */
export const expecting = (what: string | ((input: unknown) => string)): { error: (issue: { code?: string; input?: unknown }) => string | undefined } => ({
  error: ({ code, input }) => (code === 'invalid_type' ? got(input, typeof what === 'string' ? what : what(input)) : undefined),
})
