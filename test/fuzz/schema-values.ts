import type { Random } from '@weft/adapters'
import { oddValues, pick } from './hostile.ts'

/** The parts of JSON Schema that an OpenAPI document generated from zod uses. */
export interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  prefixItems?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  $ref?: string
}

/** Values for fields by name, where a schema says no more than "a string". */
export type Known = Readonly<Record<string, readonly unknown[]>>

/** How a value is drawn: `wild` is the share of places at which something odd stands instead of what the schema asks for. */
export interface Draw {
  random: Random
  document: unknown
  known: Known
  wild: number
}

/** A value of a schema, with odd ones strewn in. */
export function sampleOf(schema: Schema, draw: Draw, name = '', depth = 0): unknown {
  const { random, wild } = draw
  if (depth > 0 && random.uniform() < wild) return pick(random, oddValues)
  if (Object.hasOwn(draw.known, name) && random.uniform() < 0.9) return pick(random, draw.known[name])
  if (schema.$ref) return sampleOf(resolve(schema.$ref, draw.document), draw, name, depth + 1)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return pick(random, schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return sampleOf(pick(random, choices), draw, name, depth + 1)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => sampleOf(part, draw, name, depth + 1)))
  const type = Array.isArray(schema.type) ? pick(random, schema.type) : schema.type
  if (type === 'object' || schema.properties) return objectOf(schema, draw, depth)
  if (type === 'array') return arrayOf(schema, draw, name, depth)
  if (type === 'integer' || type === 'number') return numberOf(schema, draw, type === 'integer')
  if (type === 'boolean') return random.uniform() < 0.5
  if (type === 'null') return null
  if (type === 'string') return stringOf(schema, draw)
  return pick(random, oddValues)
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema, draw: Draw, depth: number): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(properties)) {
    const needed = required.includes(key) ? draw.random.uniform() >= draw.wild / 2 : draw.random.uniform() < (depth > 3 ? 0.05 : 0.25)
    if (needed) value[key] = sampleOf(schema, draw, key, depth + 1)
  }
  if (draw.random.uniform() < draw.wild / 2) value[pick(draw.random, ['temprature', '__proto__', 'constructor', 'x'])] = pick(draw.random, oddValues)
  if (additionalProperties && typeof additionalProperties === 'object' && draw.random.uniform() < 0.3)
    value[pick(draw.random, ['a', 'b.c', 'toString'])] = sampleOf(additionalProperties, draw, '', depth + 1)
  return value
}

function arrayOf({ items, prefixItems, minItems = 0, maxItems }: Schema, draw: Draw, name: string, depth: number): unknown[] {
  if (prefixItems) return prefixItems.map((item) => sampleOf(item, draw, name, depth + 1))
  const length = Math.min(maxItems ?? 4, Math.max(minItems, draw.random.integer(depth > 3 ? 2 : 4)))
  return Array.from({ length }, () => sampleOf(items ?? {}, draw, name, depth + 1))
}

function numberOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema, { random }: Draw, integer: boolean): number {
  const low = minimum ?? exclusiveMinimum ?? 0
  const high = Math.min(maximum ?? exclusiveMaximum ?? 8, low + 8)
  const value = low + random.uniform() * (high - low)
  return integer ? Math.ceil(value) : value
}

function stringOf({ minLength = 0, maxLength = 12 }: Schema, { random }: Draw): string {
  const length = Math.min(maxLength, Math.max(minLength, random.integer(12)))
  return Array.from({ length }, () => pick(random, ['a', 'b', 'Z', '0', '/', '-', ' ', 'é', '線'])).join('')
}

function resolve(reference: string, document: unknown): Schema {
  let node: unknown = document
  for (const part of reference.replace(/^#\//, '').split('/')) node = (node as Record<string, unknown>)[part]
  return node as Schema
}
