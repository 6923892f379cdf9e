import { templateFailed } from '../errors.ts'
import { isLower, isUpper } from './text/characters.ts'
import { arithmetic } from './values/arithmetic.ts'
import { compare, contains, equal, numeric } from './values/comparison.ts'
import { Dict, sequenceItems } from './values/containers.ts'
import { isIterable } from './values/iteration.ts'
import { str } from './values/printing.ts'
import { Callable, isMissing, PyObject, truth, Undefined, type Value } from './values/value.ts'

type Test = (value: Value, ...given: Value[]) => boolean

const divides = (value: Value, by: Value): boolean => equal(arithmetic('%', value, by), 0n)
const ordered =
  (operator: string, holds: (order: number) => boolean): Test =>
  (a, b) =>
    holds(compare(a, b, operator))
const same: Test = (a, b) => equal(a, b)
const differs: Test = (a, b) => !equal(a, b)
const [greater, atLeast, less, atMost] = [
  ordered('>', (order) => order > 0),
  ordered('>=', (order) => order >= 0),
  ordered('<', (order) => order < 0),
  ordered('<=', (order) => order <= 0),
]

/** Objects that a template can call. */
const isCallable = (value: Value): boolean => value instanceof Callable || (value instanceof PyObject && ['Macro', 'loop'].includes(value.type))

/** `value is name(arguments)`. */
export const tests: Record<string, Test> = {
  odd: (value) => equal(arithmetic('%', value, 2n), 1n),
  even: (value) => divides(value, 2n),
  divisibleby: divides,
  defined: (value) => !isMissing(value),
  undefined: (value) => isMissing(value),
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  integer: (value) => typeof value === 'bigint',
  float: (value) => typeof value === 'number',
  number: (value) => numeric(value) !== null,
  string: (value) => typeof value === 'string',
  lower: (value) => isLower(str(value)),
  upper: (value) => isUpper(str(value)),
  mapping: (value) => value instanceof Dict,
  sequence: (value) => sequenceItems(value) !== null || value instanceof Dict || value instanceof Undefined,
  iterable: isIterable,
  callable: (value) => isCallable(value) || value instanceof Undefined,
  sameas: (value, other) => value === other,
  escaped: () => false,
  in: (value, container) => contains(container, value),
  eq: same,
  equalto: same,
  '==': same,
  ne: differs,
  '!=': differs,
  gt: greater,
  greaterthan: greater,
  '>': greater,
  ge: atLeast,
  '>=': atLeast,
  lt: less,
  lessthan: less,
  '<': less,
  le: atMost,
  '<=': atMost,
}

/** How many arguments a test takes besides what it tests. */
export const runTest = (name: string, value: Value, given: readonly Value[]): boolean => {
  if (!Object.hasOwn(tests, name)) throw templateFailed(`No test named '${name}'.`)
  if (given.length < tests[name].length - 1) throw templateFailed(`the test '${name}' is missing an argument`)
  return truth(tests[name](value, ...given))
}
