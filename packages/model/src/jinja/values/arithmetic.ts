import { templateFailed } from '../../errors.ts'
import { printf } from '../text/printf.ts'
import { numeric } from './comparison.ts'
import { Tuple } from './containers.ts'
import { isMissing, PyObject, typeName, type Value } from './value.ts'

type Numeric = bigint | number

/** `left operator right` as Python computes it: integers are exact and of any size, `/` makes a float, `//` and `%` round down. */
export const arithmetic = (operator: string, left: Value, right: Value): Value => {
  if (isMissing(left)) left.fail()
  if (operator === '%' && typeof left === 'string') return printf(left, right)
  if (isMissing(right)) right.fail()
  const [a, b] = [numeric(left), numeric(right)]
  if (a !== null && b !== null) return compute(operator, a, b)
  const joined = operator === '+' ? added(left, right) : operator === '*' ? repeated(left, right) : undefined
  if (joined !== undefined) return joined
  throw templateFailed(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`)
}

const added = (left: Value, right: Value): Value | undefined => {
  if (typeof left === 'string' && typeof right === 'string') return left + right
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right]
  if (left instanceof Tuple && right instanceof Tuple) return new Tuple([...left.items, ...right.items])
  if (typeof left === 'string' && !(right instanceof PyObject)) throw templateFailed(`can only concatenate str (not "${typeName(right)}") to str`)
  return undefined
}

/** Most characters or items that a repetition may make. */
const LONGEST = 1_000_000

const repeated = (left: Value, right: Value): Value | undefined => {
  const [sequence, times] = numeric(right) !== null ? [left, right] : [right, left]
  if (typeof times !== 'bigint' && typeof times !== 'boolean') return undefined
  const count = Math.max(0, Number(times))
  const length = typeof sequence === 'string' || Array.isArray(sequence) ? sequence.length : 0
  if (count * length > LONGEST) throw templateFailed(`a repetition of ${count} times is too long`)
  if (typeof sequence === 'string') return sequence.repeat(count)
  const items = (values: readonly Value[]): Value[] => Array.from({ length: count }, () => values).flat()
  if (Array.isArray(sequence)) return items(sequence)
  return sequence instanceof Tuple ? new Tuple(items(sequence.items)) : undefined
}

const compute = (operator: string, a: Numeric, b: Numeric): Value => {
  if (typeof a === 'bigint' && typeof b === 'bigint') return integers(operator, a, b)
  return floats(operator, Number(a), Number(b))
}

const integers = (operator: string, a: bigint, b: bigint): Value => {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '**':
      return power(a, b)
  }
  if (b === 0n) throw templateFailed('division by zero')
  if (operator === '/') return Number(a) / Number(b)
  const rest = a % b
  const below = rest !== 0n && rest < 0n !== b < 0n
  if (operator === '%') return below ? rest + b : rest
  return below ? a / b - 1n : a / b
}

const power = (a: bigint, b: bigint): Value => {
  if (b < 0n) {
    if (a === 0n) throw templateFailed('0.0 cannot be raised to a negative power')
    return Number(a) ** Number(b)
  }
  if (b > 10_000n) throw templateFailed(`an exponent of ${b} is too large`)
  return a ** b
}

const floats = (operator: string, a: number, b: number): Value => {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '**':
      if (a === 0 && b < 0) throw templateFailed('0.0 cannot be raised to a negative power')
      return a ** b
  }
  if (b === 0) throw templateFailed('float division by zero')
  if (operator === '/') return a / b
  const rest = a % b
  const modulo = rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest === 0 ? Math.abs(rest) * (b < 0 ? -1 : 1) : rest
  return operator === '%' ? modulo : Math.round((a - modulo) / b)
}

/** `+value` and `-value`. */
export const signed = (operator: '+' | '-', value: Value): Value => {
  if (isMissing(value)) value.fail()
  const number = numeric(value)
  if (number === null) throw templateFailed(`bad operand type for unary ${operator}: '${typeName(value)}'`)
  return operator === '-' ? -number : number
}
