import { camelCase, snakeCase } from '@weft/adapters'
import { type $ZodType, safeParse } from 'zod/v4/core'
import { asynchronous, isAsynchronous } from '../config/read-config.ts'
import { partsOf, takesObjects } from '../config/schema-parts.ts'
import { invalidPlugin } from '../errors.ts'
import { kindOf } from '../kind-of.ts'

/** That a method's settings can be said: by name, as the wire and code spell them, and without waiting. Error `invalid_plugin`. */
export function checkSchema(id: string, given: unknown): asserts given is $ZodType {
  // Of either of zod's faces: both have this.
  if (given === null || typeof given !== 'object' || !('_zod' in given))
    throw invalidPlugin(id, `its "config" is ${kindOf(given)}; expected a zod schema of version 4, such as z.strictObject({ … })`)
  const schema = given as $ZodType
  if (!takesObjects(schema))
    throw invalidPlugin(id, `its "config" is a schema of ${partsOf(schema).type}; settings have names: expected z.strictObject({ … }), or a union of such`)
  const misspelt = fieldsOf(schema).find((field) => camelCase(snakeCase(field)) !== field)
  if (misspelt !== undefined)
    throw invalidPlugin(
      id,
      `its "config" has the field "${misspelt}", which nobody could set: settings are camelCase in code and snake_case on the wire. Call it "${camelCase(misspelt)}"`,
    )
  try {
    safeParse(schema, {})
  } catch (error) {
    if (isAsynchronous(error)) throw invalidPlugin(id, asynchronous)
    throw invalidPlugin(id, `its "config" threw ${String(error)} of a config that says nothing; expected it to refuse what it does not take`)
  }
}

/** What a config may say; what is within a value of it is the method's own, and stays as it is written. */
function fieldsOf(schema: $ZodType): string[] {
  const { shape = {}, options = [] } = partsOf(schema)
  return [...Object.keys(shape), ...options.flatMap(fieldsOf)]
}
