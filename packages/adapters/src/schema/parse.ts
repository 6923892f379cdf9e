import { type $ZodIssue, type $ZodType, type output, type ParseContext, safeParse } from 'zod/v4/core'
import { invalidRequest, jsonTooDeep } from '../errors.ts'
import { snakeCase } from './case.ts'
import { describeIssues } from './issues.ts'
import { deepestJson, hasMoreThan, isDeeperThan } from './json-depth.ts'
import { fromWire } from './wire.ts'

/** Most values in a body of which everything that is wrong is sought out: a fault costs some microseconds and kilobytes, and a body has room for millions. */
const mostLookedThrough = 4096
/** Lists and objects are looked at as far as their first fault. */
const untilFault: ParseContext<$ZodIssue> & { abortEarly: true } = { abortEarly: true }

/**
 * A JSON body from the wire as a camelCase value of `schema`. Errors 400 `invalid_request`, whose `param` is the first
 * field at fault as the wire spells it; `json_too_deep`.
 */
export function parseWire<S extends $ZodType>(schema: S, json: unknown): output<S> {
  if (isDeeperThan(json, deepestJson)) throw jsonTooDeep(deepestJson)
  const result = safeParse(schema, fromWire(schema, json), hasMoreThan(json, mostLookedThrough) ? untilFault : undefined)
  if (result.success) return result.data
  throw invalidRequest(describeIssues(result.error.issues, '', schema, snakeCase, (unknown, isElsewhere) => (isElsewhere ? snakeCase(unknown) : unknown)))
}

/** The same for a value that is camelCase already. @param root where it lies, for what the error's `param` begins with */
export function parseValue<S extends $ZodType>(schema: S, value: unknown, root = ''): output<S> {
  const result = safeParse(schema, value)
  if (result.success) return result.data
  throw invalidRequest(describeIssues(result.error.issues, root, schema))
}
