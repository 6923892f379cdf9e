import { expect, test } from 'vitest'
import { automatonOf } from '../grammar.ts'
import { misplaced } from './misplaced.ts'

const schema = {
  type: 'object',
  properties: {
    to: { $ref: '#/$defs/place' },
    items: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' }, n: { type: 'integer' } } } },
  },
  additionalProperties: { type: 'integer' },
  $defs: { place: { type: 'object', properties: { city: { type: 'string' }, zip: { type: 'integer' } } } },
}

const written = (value: unknown): boolean => {
  const automaton = automatonOf({ type: 'json_schema', schema })
  let state = automaton.start
  for (const byte of new TextEncoder().encode(JSON.stringify(value))) state = automaton.next(state, byte)
  return automaton.isComplete(state)
}

test.each<[object, string | undefined]>([
  [{ to: { city: 'Bern', zip: 1 }, items: [{ sku: 'a', n: 1 }], more: 1 }, undefined],
  [{ items: [{ n: 1 }], more: 1, other: 2 }, undefined],
  [{ items: [], to: {} }, 'order.to'],
  [{ to: { zip: 1, city: 'Bern' } }, 'order.to.city'],
  [
    {
      items: [
        { sku: 'a', n: 1 },
        { n: 1, sku: 'a' },
      ],
    },
    'order.items[1].sku',
  ],
  [{ more: 1, items: [] }, 'order.items'],
])('of %j stands too late: %s, and an answer may have it only where nothing does', (value, at) => {
  expect(misplaced(schema, value, 'order')).toBe(at)
  expect(written(value)).toBe(at === undefined)
})

test('what has no order of its own is as it should be', () => {
  expect(misplaced(true, { a: 1 }, 'order')).toBeUndefined()
  expect(misplaced({ type: 'object' }, { b: 1, a: 2 }, 'order')).toBeUndefined()
  expect(misplaced({ $ref: '#' }, { a: 1 }, 'order')).toBeUndefined()
})
