import { type Expression, parse, WeftError } from '@weft/adapters'
import { isWeftError } from '@weft/protocol'

/** An expression of any other field than `model`, or of a path: its errors name `param`. */
export function parseField(expression: string, param: string): Expression {
  try {
    return parse(expression)
  } catch (error) {
    if (!isWeftError(error)) throw error
    throw new WeftError(error.code, error.message, { status: error.status, param, ...(error.details ? { details: error.details } : {}) })
  }
}
