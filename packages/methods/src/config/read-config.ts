import { type $ZodIssue, type $ZodType, safeParse } from 'zod/v4/core'
import { pluginFailed } from '../errors.ts'
import { droppedKeys } from './dropped-keys.ts'

/** What a schema may not have: a request waits for the config, and what reads a stored one does not. */
export const asynchronous = 'its "config" has a check or a transform that gives a promise; settings are read at once, so make every one of them synchronous'

/** By zod's words: its class would bring all of zod's core into the Worker. */
export const isAsynchronous = (error: unknown): boolean => error instanceof Error && error.message.startsWith('Encountered Promise during synchronous parse')

interface Faults {
  issues: readonly (Pick<$ZodIssue, 'path' | 'message'> & { code?: string; keys?: string[] })[]
}

/** A config by a method's schema, or what is wrong with it: also that it says what the schema would drop. Error 422 `plugin_failed` for a schema that throws. */
export function readConfig<C>(
  { id, config: schema }: { id: string; config: $ZodType },
  given: unknown,
): { data: C; error?: undefined } | { data?: undefined; error: Faults } {
  try {
    const result = safeParse(schema as $ZodType<C>, given)
    if (!result.success) return { error: result.error }
    const dropped = droppedKeys(schema, given)
    return dropped.length > 0 ? { error: { issues: dropped } } : { data: result.data }
  } catch (error) {
    if (isAsynchronous(error)) throw pluginFailed(id, asynchronous, error)
    throw pluginFailed(id, `its "config" threw ${error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error)}`, error)
  }
}
