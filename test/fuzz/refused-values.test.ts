import * as adapters from '@weft/adapters'
import { plugins } from '@weft/plugins'
import * as protocol from '@weft/protocol'
import { expect, test } from 'vitest'
import { type $ZodType, safeParse } from 'zod/v4/core'

const isSchema = (value: unknown): value is $ZodType => value !== null && typeof value === 'object' && '_zod' in value

/** Every schema that a request, an answer, a file or a config is read with. */
const read: Readonly<Record<string, unknown>> = { ...adapters, ...protocol, ...Object.fromEntries(plugins.map(({ id, config }) => [id, config])) }
const schemas = Object.entries(read).flatMap(([name, value]): [string, $ZodType][] => (isSchema(value) ? [[name, value]] : []))

/** What fits hardly anywhere. */
const odd: readonly unknown[] = [null, -1.5, 'x', '', '!'.repeat(300), true, [], [null], {}, { a: 1 }]

interface Definition {
  shape?: Record<string, $ZodType>
  values?: readonly unknown[]
  element?: $ZodType
  items?: readonly $ZodType[]
  options?: readonly $ZodType[]
  innerType?: $ZodType
  valueType?: $ZodType
  catchall?: $ZodType
  in?: $ZodType
  out?: $ZodType
  getter?: () => $ZodType
}

const definitionOf = (schema: $ZodType): Definition => schema._zod.def as unknown as Definition

/** Values that are wrong at every place of a schema, down to some depth. What tells the members of a union apart is right, so that the rest of each is looked at. */
function* wrong(schema: $ZodType, depth: number): Generator<unknown> {
  yield* odd
  if (depth === 0) return
  const { shape = {}, element, items = [], options = [], innerType, valueType, catchall, in: input, out, getter } = definitionOf(schema)
  const literals = Object.fromEntries(Object.entries(shape).flatMap(([key, part]) => (definitionOf(part).values ? [[key, definitionOf(part).values![0]]] : [])))
  for (const part of [innerType, input, out, getter?.(), ...options]) if (part) yield* wrong(part, innerType ? depth : depth - 1)
  for (const [key, part] of Object.entries(shape)) for (const value of wrong(part, depth - 1)) yield { ...literals, [key]: value }
  for (const part of [valueType, catchall, adapters.mapValue(schema)]) if (part) for (const value of wrong(part, depth - 1)) yield { key: value }
  for (const part of [element, ...items]) if (part) for (const value of wrong(part, depth - 1)) yield [value]
}

test('there is something to look at', () => expect(schemas.length).toBeGreaterThan(100))

test.each(schemas)('%s refuses with what is expected, and never in bare words', (_, schema) => {
  const bare = new Set<string>()
  for (const value of wrong(schema, 4)) {
    const { error } = safeParse(schema, value)
    for (const { param, message } of error ? adapters.describeIssues(error.issues, '', schema) : [])
      if (/^(Invalid input|Invalid key in record|Invalid string: must match.*)\.?$/.test(message)) bare.add(`${param}: ${message}`)
  }
  expect([...bare]).toEqual([])
})
