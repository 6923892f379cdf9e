import { elementCount } from './dtype.ts'
import type { Dim, Shape } from './shape.ts'

/** Everything this package throws. `code` is stable; the message says what was wrong, what was expected and what to do. */
export class GraphError extends Error {
  readonly code: string
  /** A graph is built by our own code: a broken one is our fault, whatever was asked. */
  readonly fault = 'ours'
  constructor(code: string, message: string) {
    super(message)
    this.name = 'GraphError'
    this.code = code
  }
}

const show = (shape: Shape): string => `[${shape.join(',')}]`

export const dimSyntax = (dim: Dim) =>
  new GraphError('dim_syntax', `'${dim}' is not a size. Use a number, a symbol (B), or sums and products of them (P+T, B*T).`)

export const dimUnknown = (symbol: string, dim: Dim) =>
  new GraphError('dim_unknown', `The size '${symbol}' of '${dim}' is in no input's shape. Give an input a shape that holds it.`)

/** The op could not infer its result: `reason` says which rule its inputs break. */
export const shapeMismatch = (op: string, place: string, shapes: readonly Shape[], reason: string) =>
  new GraphError('shape_mismatch', `${op} at ${place}: ${reason}. Input shapes: ${shapes.map(show).join(' ')}.`)

export const duplicateName = (kind: string, name: string) =>
  new GraphError('duplicate_name', `There is already ${kind} '${name}' of another type. Names of inputs, weights and outputs are unique.`)

export const noSuchValue = (op: string, place: string, index: number, got: unknown) =>
  new GraphError(
    'not_a_value',
    `${op} at ${place}: input ${index} is ${got === null ? 'null' : typeof got}, not a value of this graph. Pass what a builder method returned, or a number.`,
  )

export const constantSize = (length: number, shape: readonly number[]) =>
  new GraphError('constant_size', `A constant of shape ${show(shape)} needs ${elementCount(shape)} elements, got ${length}.`)

export const missingFeed = (kind: string, name: string, given: readonly string[]) =>
  new GraphError('missing_feed', `No ${kind} '${name}' was given. Given: ${given.length ? given.join(', ') : 'none'}.`)

export const feedMismatch = (name: string, expected: string, got: string) => new GraphError('feed_mismatch', `'${name}' must be ${expected}, got ${got}.`)

export const runMismatch = (op: string, place: string, expected: Shape, got: Shape) =>
  new GraphError('run_mismatch', `${op} at ${place} gave ${show(got)} where ${show(expected)} was inferred. Its record's infer and run disagree.`)

export const otherBuilder = (name: string) =>
  new GraphError('other_builder', `'${name}' was made by another builder. A value belongs to the builder that returned it.`)
