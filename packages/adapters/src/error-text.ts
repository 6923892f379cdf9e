import type { Issue } from './schema/issues.ts'

/** What is wrong with a value, in a line: `r: Too small; bias: Invalid option`. */
export const listed = (issues: readonly Issue[]): string => issues.map(({ param, message }) => (param ? `${param}: ${message}` : message)).join('; ')

/** Names in quotes: `"a", "b"`. */
export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

/** A shape as people write it, `?` for a size that is free. */
export const shapeText = (shape: readonly (number | string | null)[]): string => `[${shape.map((dim) => dim ?? '?').join(', ')}]`
