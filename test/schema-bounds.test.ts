import { manifestSchema, mapValue, newNameSchema } from '@weft/adapters'
import { plugins } from '@weft/plugins'
import * as protocol from '@weft/protocol'
import { expect, test } from 'vitest'
import type { $ZodType } from 'zod/v4/core'

/** What others send us: request bodies, files that they upload, the configs of methods. */
const taken: Record<string, $ZodType> = {
  ...Object.fromEntries(Object.entries(protocol).filter(([name]) => /(Request|createJob|putRoute|trainingSpec)(Schema)?$/.test(name))),
  manifestSchema,
  newNameSchema,
  ...Object.fromEntries(plugins.map(({ id, config }) => [id, config])),
} as Record<string, $ZodType>

interface Definition {
  type: string
  shape?: Record<string, $ZodType>
  element?: $ZodType
  items?: readonly $ZodType[]
  options?: readonly $ZodType[]
  innerType?: $ZodType
  valueType?: $ZodType
  catchall?: $ZodType
  in?: $ZodType
  out?: $ZodType
  checks?: readonly { _zod: { def: { check: string } } }[]
}

const upper = ['less_than', 'max_length', 'length_equals']

/** What training measured: JSON bounds it, and nothing is built by it. */
const measured = /\.training\[\]\.(loss|evalLoss|level|metrics)/

/** Where in a schema something has no upper bound. */
function unbounded(schema: $ZodType, path: string): string[] {
  const {
    type,
    shape = {},
    element,
    items = [],
    options = [],
    innerType,
    valueType,
    catchall,
    in: input,
    out,
    checks = [],
  } = schema._zod.def as unknown as Definition
  const bounded = checks.some(({ _zod }) => upper.includes(_zod.def.check))
  const own = (['number', 'string', 'array'].includes(type) && !bounded && !measured.test(path) ? [`${path}: ${type}`] : []) as string[]
  const inner = [...items, ...options, element, innerType, valueType, mapValue(schema), catchall, input, out].filter((part) => part !== undefined)
  return [
    ...own,
    ...Object.entries(shape).flatMap(([key, part]) => unbounded(part, `${path}.${key}`)),
    ...inner.flatMap((part) => unbounded(part, `${path}[]`)),
  ]
}

test('there is something to look at', () => expect(Object.keys(taken).length).toBeGreaterThan(20))

test.each(Object.entries(taken))('every number, text and list of %s has an upper bound', (name, schema) =>
  expect([...new Set(unbounded(schema, name))]).toEqual([]),
)
