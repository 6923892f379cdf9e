import { type $ZodType, config } from 'zod/v4/core'
import en from 'zod/v4/locales/en.js'
import { nearest } from '../nearest.ts'
import { snakeCase } from './case.ts'
import { fieldsAt } from './fields.ts'

// zod/mini has no messages by default. English is loaded for all.
config(en())

/** One thing wrong with a value: where (spelled as on the wire) and what. */
export interface Issue {
  param: string
  message: string
  /** For an unknown field: the known ones that are similar. */
  suggestions?: string[]
}

interface RawIssue {
  path: readonly PropertyKey[]
  message: string
  code?: string
  keys?: readonly string[]
  /** Of a union: what each of its options says. */
  errors?: readonly (readonly RawIssue[])[]
}

/** What the one option of a union says that fits but for some detail: what the union as a whole expects would help less. */
const unfolded = (issue: RawIssue): readonly RawIssue[] => {
  if (issue.code !== 'invalid_union') return [issue]
  const fitting = issue.errors?.filter((issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0)) ?? []
  if (fitting.length !== 1) return [issue]
  return fitting[0].flatMap(unfolded).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** Most characters of an unknown name that a message repeats. */
const longestName = 64

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

/**
 * zod's issues with paths as the wire spells them: `hyperparameters.batch_size`, `messages[2].content`. With the schema that
 * found them, an unknown field comes with the nearest known ones.
 */
export function describeIssues(issues: readonly RawIssue[], root = '', schema?: $ZodType): Issue[] {
  return issues.flatMap(unfolded).map((issue) => {
    const path = issue.path.reduce<string>(
      (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${snakeCase(String(key))}` : snakeCase(String(key))),
      root,
    )
    if (issue.code === 'unrecognized_keys' && issue.keys?.length) {
      const keys = issue.keys.map((key) => snakeCase(key).slice(0, longestName))
      const known = schema ? fieldsAt(schema, issue.path).map(snakeCase) : []
      const suggestions = [...new Set(keys.flatMap((key) => nearest(key, known, 1)))]
      return {
        param: path ? `${path}.${keys[0]}` : keys[0],
        message: `unknown ${keys.length > 1 ? 'fields' : 'field'} ${quoted(keys)}${suggestions.length ? `; did you mean ${quoted(suggestions)}?` : ''}`,
        ...(suggestions.length ? { suggestions } : {}),
      }
    }
    return { param: path, message: issue.message.replace('expected nonoptional', 'expected a value') }
  })
}
