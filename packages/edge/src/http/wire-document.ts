import { snakeCase } from '@weft/adapters'
import { ignoredFields } from './ignored-fields.ts'

/** Schemas are camelCase, as code is; the document is the wire's: names of properties become snake_case. */
export function onTheWire(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(onTheWire)
  if (node === null || typeof node !== 'object') return node
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties' && value && typeof value === 'object')
      copy[key] = Object.fromEntries(Object.entries(value).map(([name, schema]) => [snakeCase(name), onTheWire(schema)]))
    else if (key === 'required' && Array.isArray(value)) copy[key] = value.map((name) => snakeCase(String(name)))
    else copy[key] = onTheWire(value)
  }
  return copy
}

interface Operation {
  requestBody?: { content?: Record<string, { schema?: { properties?: Record<string, unknown> } }> }
}

/** Bodies also take what is ignored on purpose: the document says so, field by field. */
export function withIgnoredFields(paths: Record<string, Record<string, Operation>>): void {
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const schema = operation.requestBody?.content?.['application/json']?.schema
    if (!schema?.properties) continue
    for (const [name, why] of Object.entries(ignoredFields)) schema.properties[name] ??= { description: `Ignored: ${why}.` }
  }
}
