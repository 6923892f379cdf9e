import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { expecting } from '../index.ts'
import { parseWire } from './parse.ts'

const kinds = z.enum(['models', 'adapters', 'routes'])
const schema = z.strictObject({
  count: z.optional(z.int()),
  rate: z.optional(z.number()),
  on: z.optional(z.boolean()),
  start: z._default(z.union([z.boolean(), z.literal('gaussian')]), true),
  kinds: z.optional(z.array(kinds).check(z.maxLength(2))),
  map: z.optional(z.record(z.string(), z.number())),
  shape: z.optional(z.discriminatedUnion('kind', [z.object({ kind: z.literal('row') }), z.object({ kind: z.literal('column') })])),
  choice: z.optional(
    z.union([
      z.enum(['none', 'auto']),
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('one'), name: z.string() }),
        z.strictObject({ type: z.literal('someOf'), anyOf: z.array(z.string()) }),
      ]),
    ]),
  ),
  model: z.string(expecting('a model, such as "base"')),
})

test.each([
  [{}, 'model: it is missing; expected a model, such as "base"'],
  [{ model: 3 }, 'model: expected a model, such as "base", got 3'],
  [{ rate: 'fast' }, 'rate: expected a number, got "fast"'],
  [{ rate: null }, 'rate: expected a number, got null'],
  [{ rate: 'a word that is too long to be said again' }, 'rate: expected a number, got a string'],
  [{ count: 'Auto' }, 'count: expected a whole number, got "Auto"'],
  [{ count: 1.5 }, 'count: expected a whole number, got 1.5'],
  [{ count: [1] }, 'count: expected a whole number, got a list'],
  [{ on: 'yes' }, 'on: expected true or false, got "yes"'],
  [{ start: 'banana' }, 'start: expected true or false or "gaussian"'],
  [{ choice: 'auot' }, 'choice: expected "none" or "auto", got "auot"; did you mean "auto"?'],
  [{ choice: {} }, 'choice.type: it is missing; expected "one" or "someOf"'],
  [{ choice: { type: 'anyOf' } }, 'choice.type: expected "one" or "someOf", got "anyOf"'],
  [{ choice: { type: 'one', name: 3 } }, 'choice.name: expected a string, got 3'],
  [{ choice: { type: 'one', name: 'a', any_of: [] } }, 'choice.any_of: unknown field "any_of"; there are "type", "name"'],
  [{ map: 'x' }, 'map: expected an object, got "x"'],
  [{ kinds: ['foo'] }, 'kinds[0]: expected "models", "adapters" or "routes", got "foo"'],
  [{ kinds: ['model'] }, 'kinds[0]: expected "models", "adapters" or "routes", got "model"; did you mean "models"?'],
  // A string has a length too, and is no list of so many items.
  [{ kinds: 'models' }, 'kinds: expected a list, got "models"'],
  [{ shape: { kind: 'rows' } }, 'shape.kind: expected "row" or "column", got "rows"; did you mean "row"?'],
])('%j: %s', (value, message) => {
  expect(() => parseWire(schema, { model: 'base', ...value, ...(Object.keys(value).length === 0 ? { model: undefined } : {}) })).toThrow(
    expect.objectContaining({ code: 'invalid_request', message }),
  )
})
