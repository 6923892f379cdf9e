import type { Issue } from './schema/issues.ts'

/** Most issues that an error tells: who sent thousands of faults mends the first ones first. */
const mostIssues = 8

/** What is wrong with a value, in a line: `r: expected a whole number of at least 1; bias: expected true or false, got "x"; and 2 more`. */
export const listed = (issues: readonly Issue[]): string =>
  [
    ...issues.slice(0, mostIssues).map(({ param, message }) => oneLine(param ? `${param}: ${message}` : message)),
    ...(issues.length > mostIssues ? [`and ${issues.length - mostIssues} more`] : []),
  ].join('; ')

/** The same as an error's details: the first issues, and how many more there are. */
export const issueDetails = (issues: readonly Issue[]): { issues: Issue[]; more?: number } => ({
  issues: issues.slice(0, mostIssues).map((issue) => ({ ...issue, message: oneLine(issue.message) })),
  ...(issues.length > mostIssues ? { more: issues.length - mostIssues } : {}),
})

const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, ' ')

/** Names in quotes: `"a", "b"`. */
export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

/** Most names that an error tells: what is stored has no bound, and an answer has. */
const mostNamed = 8

/** The first of what there is, one after another, and how many more there are. */
export const someOf = (all: readonly (string | number)[], separator = ', '): string =>
  `${all.slice(0, mostNamed).join(separator)}${all.length > mostNamed ? `${separator === ', ' ? ' ' : separator}and ${all.length - mostNamed} more` : ''}`

/** As `quoted`, the first of them and how many more there are. */
export const someQuoted = (names: readonly string[]): string => someOf(names.map((name) => `"${name}"`))

/** The same as a field of an error's details. */
export const someDetails = <Field extends string, Item>(field: Field, all: readonly Item[]): Record<Field, Item[]> & { more?: number } => ({
  ...({ [field]: all.slice(0, mostNamed) } as Record<Field, Item[]>),
  ...(all.length > mostNamed ? { more: all.length - mostNamed } : {}),
})

/** A shape as people write it, `?` for a size that is free. */
export const shapeText = (shape: readonly (number | string | null)[]): string => `[${shape.map((dim) => dim ?? '?').join(', ')}]`
