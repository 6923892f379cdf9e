import { unsupportedSchema } from '../../errors.ts'
import { constraintsOf, pointer, type SchemaObject } from './keywords.ts'

/** One schema that says what both say. @throws WeftError `unsupported_schema` where they say different things of one keyword */
export function merged(a: SchemaObject, b: SchemaObject, path: string): SchemaObject {
  const result = new Map<string, unknown>(constraintsOf(a))
  for (const [name, value] of constraintsOf(b)) {
    const other = result.get(name)
    result.set(name, other === undefined || JSON.stringify(other) === JSON.stringify(value) ? value : both(name, other, value, path))
  }
  closedOverOwn(a, b, path)
  closedOverOwn(b, a, path)
  return Object.fromEntries(result)
}

function both(name: string, a: unknown, b: unknown, path: string): unknown {
  if (name === 'required') return [...new Set([...(a as string[]), ...(b as string[])])]
  if (name === 'properties') {
    const properties = new Map(Object.entries(a as SchemaObject))
    for (const [key, value] of Object.entries(b as SchemaObject)) properties.set(key, properties.has(key) ? { allOf: [properties.get(key), value] } : value)
    return Object.fromEntries(properties)
  }
  if (name === 'type') {
    const common = [a].flat().filter((type) => [b].flat().includes(type))
    if (common.length > 0) return common
  }
  if (name === 'allOf') return [...(a as unknown[]), ...(b as unknown[])]
  if (name === 'minLength' || name === 'minItems' || name === 'minimum') return Math.max(a as number, b as number)
  if (name === 'maxLength' || name === 'maxItems' || name === 'maximum') return Math.min(a as number, b as number)
  throw unsupportedSchema(pointer(path, name), `it is said twice, differently, of one value`)
}

/** `additionalProperties` is about the properties of its own schema, which the other one's are not among. */
function closedOverOwn(closed: SchemaObject, other: SchemaObject, path: string): void {
  if (closed.additionalProperties === undefined || closed.additionalProperties === true) return
  const own = Object.keys((closed.properties ?? {}) as SchemaObject)
  const foreign = Object.keys((other.properties ?? {}) as SchemaObject).find((name) => !own.includes(name))
  if (foreign !== undefined) throw unsupportedSchema(pointer(path, 'additionalProperties'), `it leaves out "${foreign}", which is declared beside it`)
}
