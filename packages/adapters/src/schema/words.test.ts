import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { expecting, longListOf, type WeftError } from '../index.ts'
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

const refusal = (value: object): WeftError => {
  try {
    parseWire(schema, { model: 'base', ...value })
  } catch (error) {
    return error as WeftError
  }
  throw new Error('it was taken')
}

test('of unknown fields the first are named, and how many more there are', () => {
  const { message, param } = refusal(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`number${i}`, i])))
  expect(param).toBe('number0')
  expect(message).toMatch(/^number0: unknown fields "number0", .*"number7" and 99992 more; there are "count", /)
  expect(message.length).toBeLessThan(300)
})

test('a key of any length is told by how it begins', () => {
  for (const value of [{ map: { ['x'.repeat(100_000)]: 'no number' } }, { [`kin${'_'.repeat(100_000)}ds`]: 3 }, { ['x'.repeat(100_000)]: 1 }]) {
    const { message, param, details } = refusal(value)
    expect(JSON.stringify({ message, param, details }).length).toBeLessThan(1500)
  }
})

test('a list of many items, each out of bounds, is refused as fast as one of a few', { timeout: 30_000 }, () => {
  const list = z.strictObject({ ids: z.array(z.int().check(z.gte(0))) })
  expect(() => parseWire(list, { ids: Array.from({ length: 20_000 }, () => -1) })).toThrow('ids[0]: expected a number of at least 0, got -1; ')
  // Of two bounds of one value the narrower is told, once.
  const two = z.strictObject({ id: z.int().check(z.lte(100), z.lte(10), z.lte(50)) })
  expect(() => parseWire(two, { id: 1000 })).toThrow(/^id: expected a number of at most 10, got 1000$/)
})

test('of a body of millions of faults the first are told, and those behind them not sought', { timeout: 20_000 }, () => {
  const ids = longListOf(z.int().check(z.gte(0)), z.minLength(1), z.maxLength(1_000_000))
  const body = z.strictObject({
    ids: z.optional(z.union([z.string(), ids, z.array(ids).check(z.maxLength(128))])),
    words: z.optional(z.array(z.union([z.string(), z.strictObject({ text: z.string() })])).check(z.maxLength(1000))),
  })
  const told = (value: object): string => {
    try {
      return JSON.stringify(parseWire(body, value))
    } catch (error) {
      return (error as WeftError).message
    }
  }
  const many = (item: unknown, length = 3_000_000) => Array.from({ length }, () => item)
  const faults = Array.from({ length: 8 }, (_, i) => `ids[${i}]: expected a number of at least 0, got -1`).join('; ')
  expect(told({ ids: many(-1, 1_000_000) })).toBe(faults)
  expect(told({ ids: many(7) })).toBe('ids: expected at most 1000000 items')
  expect(told({ words: many(1) })).toBe('words: expected at most 1000 items')
  expect(told({ words: many(many(1, 4000), 900) })).toBe('words[0]: expected a string or an object')
  // Of what is short all of it is told, in its place.
  expect(told({ ids: [3, -1, 4], words: ['a', 1] })).toBe('ids[1]: expected a number of at least 0, got -1; words[1]: expected a string or an object')
  expect(told({ ids: [[1], [2, 3]], words: [{ text: 'b' }] })).toBe('{"ids":[[1],[2,3]],"words":[{"text":"b"}]}')
})
