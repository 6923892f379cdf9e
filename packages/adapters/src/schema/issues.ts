import { type $ZodType, config, safeParse } from 'zod/v4/core'
import { nearest } from '../nearest.ts'
import { snakeCase } from './case.ts'
import { fieldsAt, optionsAt } from './fields.ts'
import { absent, beyond, either, localeError, nameOfType } from './words.ts'

// zod/mini has no messages by default. These are for all.
config({ localeError })

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
  /** The type that was expected. */
  expected?: string
  /** The values that were. */
  values?: readonly unknown[]
  /** The bound that was passed, of what, and whether it may be reached. */
  maximum?: number | bigint
  minimum?: number | bigint
  origin?: string
  inclusive?: boolean
  /** Of a union: what each of its options says. */
  errors?: readonly (readonly RawIssue[])[]
  /** Of a name of a record: what is wrong with it. */
  issues?: readonly RawIssue[]
}

/** zod tells of a union's one literal alone where the other members are of other types: what they expect is as good. */
function ofUnion(issue: RawIssue, schema: $ZodType): RawIssue {
  if (issue.code !== 'invalid_value' || issue.values?.length !== 1) return issue
  const errors = optionsAt(schema, issue.path).map((option) => safeParse(option, Symbol('of no type')).error ?? { issues: [] })
  const expected = errors.length > 1 ? expectedOf(errors.map(({ issues }) => issues)) : undefined
  return expected === undefined ? issue : { path: issue.path, message: `expected ${expected}${/, got .*$/.exec(issue.message)?.[0] ?? ''}` }
}

/** Of an option of a union: the value is of another type, or not the one that the option stands for. */
const isOther = ({ code, path, values }: RawIssue): boolean =>
  path.length === 0 && (code === 'invalid_type' || (code === 'invalid_value' && values?.length === 1))

/** Of an option of a union: one of some words was expected. */
const isWord = ({ code, path }: RawIssue): boolean => path.length === 0 && code === 'invalid_value'

/** Of an option of a union: the value is an object or a list, with something wrong beneath. */
const isBeneath = ({ code, path }: RawIssue): boolean => path.length > 0 || code === 'unrecognized_keys'

/** What the one option of a union says that fits but for some detail: what the union as a whole expects would help less. */
const unfolded = (issue: RawIssue): readonly RawIssue[] => {
  if (issue.code !== 'invalid_union') return [issue]
  const fitting = issue.errors?.filter((issues) => !issues.some(isOther)) ?? []
  // No word is meant by an object.
  const [option, ...others] = fitting.some((issues) => issues.every(isBeneath)) ? fitting.filter((issues) => !issues.some(isWord)) : fitting
  if (option === undefined || others.length > 0) return [issue]
  return option.flatMap(unfolded).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** What a union expects, by what each of its options has to say: the types that it may be of, and of what has the type of one what is wrong beneath. */
function expectedOf(errors: readonly (readonly RawIssue[])[]): string | undefined {
  const said = errors.flatMap((issues): string[] => {
    const [first] = issues.flatMap((issue) => unfolded(issue))
    if (!first) return []
    if (first.path.length > 0) {
      const [inner] = describeIssues([first])
      return [`${typeof first.path[0] === 'number' ? 'a list' : 'an object'} (${inner.param}: ${inner.message})`]
    }
    if (first.values) return first.values.map((value) => JSON.stringify(value))
    if (first.expected) return [nameOfType[first.expected] ?? first.expected]
    if (first.errors?.length) return [expectedOf(first.errors) ?? []].flat()
    return [
      messageOf(first)
        .replace(/^(Invalid input|Too \w+): /, '')
        .replace(/, got (an? )?\S+$/, '')
        .replace(/^(it is missing; )?expected /, ''),
    ]
  })
  const options = [...new Set(said)].filter((option) => option !== 'Invalid input')
  return options.length === 0 ? undefined : either(options)
}

/** zod's own words for what it has none for. */
const wordless = 'Invalid input'

/** What has a bound on how many of them it has. */
const countedIn: Readonly<Record<string, string>> = { string: 'character', array: 'item', set: 'item', map: 'entr' }

/** A bound as people say it: `a number above 0`, `at most 64 items`. */
const boundText = ({ origin = '', minimum, maximum, inclusive = true }: RawIssue): string | undefined => {
  const bound = minimum ?? maximum
  if (bound === undefined) return undefined
  const counted = countedIn[origin]
  if (counted === undefined) {
    if (origin !== 'number' && origin !== 'int') return undefined
    return `${nameOfType[origin]!} ${minimum === undefined ? (inclusive ? 'of at most' : 'below') : inclusive ? 'of at least' : 'above'} ${bound}`
  }
  const many = Number(bound) !== 1
  return `at ${minimum === undefined ? 'most' : 'least'} ${bound} ${counted === 'entr' ? (many ? 'entries' : 'entry') : `${counted}${many ? 's' : ''}`}`
}

const messageOf = (issue: RawIssue): string => {
  const bound = issue.code === 'too_small' || issue.code === 'too_big' ? boundText(issue) : undefined
  if (bound !== undefined && /^Too \w+: /.test(issue.message)) return `expected ${bound}`
  if (bound !== undefined && issue.message.startsWith(beyond)) return `expected ${bound}, got ${issue.message.slice(beyond.length)}`
  if (issue.code === 'invalid_key' && issue.issues?.[0]) return messageOf(issue.issues[0])
  if (issue.message !== wordless && issue.message !== absent) return issue.message
  const expected = issue.errors && expectedOf(issue.errors)
  return expected === undefined ? issue.message : `${issue.message === absent ? `${absent}; ` : ''}expected ${expected}`
}

/**
 * Of several bounds that one value passes, the narrowest: a whole number is bounded by what is exact, and perhaps by less. Of what is of another type, none: a
 * string has a length too, and is no list of so many items.
 */
function narrowest(issues: readonly RawIssue[]): RawIssue[] {
  const at = ({ code, path }: RawIssue): string => `${code} ${path.join('.')}`
  const isNarrower = (a: RawIssue, b: RawIssue): boolean =>
    a.maximum !== undefined && b.maximum !== undefined ? a.maximum < b.maximum : a.minimum !== undefined && b.minimum !== undefined && a.minimum > b.minimum
  const wrong = new Set(issues.filter(({ code }) => code === 'invalid_type').map(({ path }) => path.join('.')))
  const isBound = ({ maximum, minimum }: RawIssue): boolean => maximum !== undefined || minimum !== undefined
  // By their places, and not each beside every other: a list may have a million items, all of them wrong.
  const told = new Map<string, RawIssue>()
  for (const issue of issues.filter(isBound)) {
    const before = told.get(at(issue))
    if (!before || isNarrower(issue, before)) told.set(at(issue), issue)
  }
  return issues.filter((issue) => !isBound(issue) || (!wrong.has(issue.path.join('.')) && told.get(at(issue)) === issue))
}

/** zod's issues, each with what was expected, by their paths. */
export const inWords = (issues: readonly RawIssue[]): RawIssue[] =>
  narrowest(issues.flatMap(unfolded)).map((issue) => ({ ...issue, message: messageOf(issue) }))

/** The same in a line, for what is no request: paths as they were written. */
export const issuesText = (issues: readonly RawIssue[], whole = 'all of it'): string =>
  inWords(issues)
    .map(({ path, message }) => `${path.join('.') || whole}: ${message}`)
    .join('; ')

/** Most characters of an unknown name that a message repeats, and most such names. */
export const longestName = 64
const mostUnknown = 8
/** Most characters of a key in what an issue's `param` says: beyond any name that is taken. */
const longestKey = 128
/** Most known fields that are listed where none is near. */
const mostKnown = 24

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

/**
 * zod's issues with paths as the wire spells them: `hyperparameters.batch_size`, `messages[2].content`. With the schema that
 * found them, an unknown field comes with the nearest known ones.
 * @param spell how a field is written where the value is from: as on the wire, unless it is from a configuration in TypeScript
 * @param spellUnknown the same of a field that the schema does not know, or knows elsewhere: in another member of a union
 */
export function describeIssues(
  issues: readonly RawIssue[],
  root = '',
  schema?: $ZodType,
  spell: (field: string) => string = snakeCase,
  spellUnknown: (field: string, isElsewhere: boolean) => string = spell,
): Issue[] {
  return inWords(schema ? issues.map((issue) => ofUnion(issue, schema)) : issues).map((issue) => {
    const path = issue.path.reduce<string>(
      (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text ? `${text}.` : ''}${shortened(spell(String(key)))}`),
      root,
    )
    if (issue.code === 'unrecognized_keys' && issue.keys?.length) {
      const fields = schema ? fieldsAt(schema, issue.path) : []
      const [first] = issue.keys
      const misspelt = fields.find((field) => field !== first && snakeCase(field) === snakeCase(first))
      // A field of a config in TypeScript, written as the wire has it: both are told as they stand.
      if (misspelt !== undefined)
        return { param: path ? `${path}.${first}` : first, message: `unknown field "${first}"; did you mean "${misspelt}"?`, suggestions: [misspelt] }
      // What another member of a union has is known, and no answer here.
      const unknown = issue.keys.map((key) => spellUnknown(key, fields.includes(key)).slice(0, longestName))
      const known = fields.map(spell).filter((name) => !unknown.includes(name))
      const keys = unknown.slice(0, mostUnknown)
      // A field of one letter is the initial of what it means: `r` of `rank`.
      const suggestions = [...new Set(keys.flatMap((key) => [...known.filter((name) => name === key[0]), ...nearest(key, known, 1)]))]
      return {
        param: path ? `${path}.${keys[0]}` : keys[0],
        message: `unknown ${keys.length > 1 ? 'fields' : 'field'} ${quoted(keys)}${unknown.length > keys.length ? ` and ${unknown.length - keys.length} more` : ''}${
          suggestions.length ? `; did you mean ${quoted(suggestions)}?` : known.length > 0 && known.length <= mostKnown ? `; there are ${quoted(known)}` : ''
        }`,
        ...(suggestions.length ? { suggestions } : {}),
      }
    }
    return { param: path, message: schema ? spelled(issue.message, fieldsAt(schema, issue.path.slice(0, -1)), spell) : issue.message }
  })
}

const shortened = (key: string): string => (key.length > longestKey ? `${key.slice(0, longestKey)}…` : key)

/** A message that names fields as they were written: a schema says `layersToTransform`. What came is told as it came. */
const spelled = (message: string, fields: readonly string[], spell: (field: string) => string): string =>
  message.replace(/(?<!got ")\b[a-z]+(?:[A-Z][a-z0-9]*)+\b/g, (word) => (fields.includes(word) ? spell(word) : word))
