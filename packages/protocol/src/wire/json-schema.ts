import { snakeCase } from '@weft/adapters'
import * as z from 'zod/mini'
import type { $ZodType } from 'zod/v4/core'

/** The JSON schema of what a schema takes, or of what it gives, as the wire spells it. */
export const wireJsonSchema = (schema: $ZodType, io: 'input' | 'output' = 'input'): Record<string, unknown> =>
  onTheWire(z.toJSONSchema(schema as z.ZodMiniType, { unrepresentable: 'any', io })) as Record<string, unknown>

/** Schemas are camelCase, as code is; the document is the wire's: names of properties become snake_case. */
export function onTheWire(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(onTheWire)
  if (node === null || typeof node !== 'object') return node
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties' && value && typeof value === 'object')
      copy[key] = Object.fromEntries(Object.entries(value).map(([name, schema]) => [snakeCase(name), onTheWire(schema)]))
    else if (key === 'required' && Array.isArray(value)) copy[key] = value.map((name) => snakeCase(String(name)))
    // A tuple: generators of clients read how long it is, and not that nothing may follow.
    else if (key === 'items' && value === false && 'prefixItems' in node && Array.isArray(node.prefixItems)) copy.maxItems = node.prefixItems.length
    else copy[key] = onTheWire(value)
  }
  return copy
}
