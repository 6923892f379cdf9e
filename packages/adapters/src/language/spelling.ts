import { invalidStrength } from '../errors.ts'
import type { Expression } from './expression.ts'
import { limits, strengthRange, tooSmall } from './limits.ts'
import { printNumber } from './print.ts'

/** A term with its strength in front; a strength of 1 goes without saying. */
export const weighted = (weight: number, text: string): string => (weight === 1 ? text : `${printNumber(weight)}*${text}`)

/** Not localeCompare: the order must be the same everywhere. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Error 400 `invalid_strength`. */
export function checkSize(weight: number, offset: number | undefined): void {
  if (!(Math.abs(weight) <= limits.strength)) throw invalidStrength(weight, strengthRange, offset)
}

/** Both strengths together. Error 400 `invalid_strength` for what no number is near enough 0 for. */
export function multiplied(a: number, b: number, offset: number | undefined): number {
  if (a * b === 0 && a !== 0 && b !== 0) throw invalidStrength(`${printNumber(a)}*${printNumber(b)}`, tooSmall, offset)
  return a * b
}

/** Strengths in front of an expression multiplied out: `2*0.5*a` is 1 and `a`. Error 400 `invalid_strength`. */
export function strengthOf(expression: Expression): { weight: number; of: Expression } {
  let weight = 1
  let of = expression
  for (; of.kind === 'scale'; of = of.of) {
    checkSize(of.weight, of.offset)
    weight = multiplied(weight, of.weight, of.offset)
    checkSize(weight, of.offset)
  }
  return { weight, of }
}
