import { type Expression, parse, WeftError } from '@weft/adapters'
import { isWeftError } from '@weft/protocol'

/** An expression of any other field than `model`, or of a path: its errors name `param`. */
export const parseField = (expression: string, param: string): Expression => inField(param, () => parse(expression))

/** What the language refuses, said of another field than `model`. */
export function inField<T>(param: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isWeftError(error)) throw error
    throw new WeftError(error.code, error.message, { status: error.status, param, ...(error.details ? { details: error.details } : {}) })
  }
}
