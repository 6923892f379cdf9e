import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { misfit } from './misfit.ts'

const told = (schema: unknown, value: unknown): string | undefined => {
  const found = misfit(schema, value, 'order')
  return found && `${found.at}: ${found.problem}`
}

const item = { type: 'object', properties: { sku: { type: 'string', pattern: '^[A-Z]{2}-\\d+$' }, n: { type: 'integer', minimum: 1 } }, required: ['sku'] }
const order = {
  type: 'object',
  properties: {
    to: { $ref: '#/$defs/place' },
    items: { type: 'array', items: item, minItems: 1, maxItems: 2 },
    speed: { enum: ['slow', 'fast', { by: 'air' }] },
    note: { anyOf: [{ type: 'string', maxLength: 5 }, { type: 'null' }] },
    gift: { type: 'boolean', nullable: true },
    weight: { type: ['number', 'null'], exclusiveMaximum: 30, multipleOf: 0.5 },
    pair: { type: 'array', prefixItems: [{ const: 'a' }, { type: 'integer' }], items: false },
    'a b': { type: 'object', additionalProperties: { type: 'integer' } },
  },
  required: ['items'],
  $defs: {
    place: { type: 'object', properties: { city: { type: 'string' }, next: { $ref: '#/$defs/place' } }, required: ['city'], additionalProperties: false },
  },
}
const items = [{ sku: 'AB-1', n: 2 }]

test.each([
  { items },
  { items, to: { city: 'Bern', next: { city: 'Thun' } }, speed: { by: 'air' }, note: null, gift: null, weight: 1.5, pair: ['a', 1], 'a b': { c: 1 } },
  { items, note: 'é🙂abc', weight: null },
])('kept to: %j', (value) => {
  expect(told(order, value)).toBeUndefined()
})

test.each<[object, string]>([
  [{}, 'order.items: it is required and missing'],
  [{ items: '[]' }, 'order.items: expected array, got "[]"'],
  [{ items: [] }, 'order.items: it has 0 items, and at least 1 are expected'],
  [{ items: [{ sku: 'AB-1', n: '2' }] }, 'order.items[0].n: expected integer, got "2"'],
  [{ items: [...items, { sku: 'AB-1', n: 0 }] }, 'order.items[1].n: 0 is less than 1'],
  [{ items: [{ sku: 'ab-1' }] }, 'order.items[0].sku: "ab-1" does not match "^[A-Z]{2}-\\\\d+$"'],
  [{ items, to: { city: 'Bern', next: {} } }, 'order.to.next.city: it is required and missing'],
  [{ items, to: { city: 'Bern', zip: 3000 } }, 'order.to.zip: there is no such property'],
  [{ items, speed: 'FAST' }, 'order.speed: "FAST" is not among ["slow","fast",{"by":"air"}]'],
  [{ items, note: 'longer' }, 'order.note: "longer" is none of its alternatives'],
  [{ items, gift: 'true' }, 'order.gift: expected boolean, got "true"'],
  [{ items, weight: 30 }, 'order.weight: 30 is not less than 30'],
  [{ items, weight: 0.3 }, 'order.weight: 0.3 is no multiple of 0.5'],
  [{ items, pair: ['a', 1, 2] }, 'order.pair[2]: nothing is allowed here'],
  [{ items, 'a b': { c: 1.5 } }, 'order["a b"].c: expected integer, got 1.5'],
  [{ items, color: 'red' }, 'order.color: there is no such property'],
])('broken: %j', (value, message) => {
  expect(told(order, value)).toBe(message)
})

test('parts of a schema leave out nothing that another part of it declares', () => {
  const [a, b] = [{ properties: { a: { type: 'integer' } } }, { properties: { b: { type: 'integer' } } }]
  expect(told({ type: 'object', allOf: [a, b] }, { a: 1, b: 2 })).toBeUndefined()
  expect(told({ type: 'object', ...a, $ref: '#/$defs/b', $defs: { b } }, { a: 1, b: 2 })).toBeUndefined()
  expect(told({ type: 'object', allOf: [a, b] }, { a: 1, b: 'x' })).toBe('order.b: expected integer, got "x"')
  expect(told({ type: 'object', anyOf: [a, b] }, { b: 'x' })).toBe('order: {"b":"x"} is none of its alternatives')
})

test('what is not enforced in answers is no fault, nor what is without end', () => {
  expect(
    told({ type: 'object', properties: { a: { not: {}, format: 'uuid', pattern: '(?=a)b' } }, patternProperties: { '^x': {} } }, { a: 'c', xy: 1 }),
  ).toBeUndefined()
  expect(told({ $ref: '#' }, 1)).toBeUndefined()
  expect(told({ $ref: 'https://example.com/schema' }, 1)).toBeUndefined()
})

test('what is found broken is broken to Ajv too, and what is kept to is kept to there', () => {
  const isValid = new Ajv2020({ strict: false }).compile({ ...order, additionalProperties: false })
  const values = [1, 'AB-1', null, [], [1], items, { city: 'Bern' }, { sku: 'AB-1' }, true, 1.5, 'slow', ['a', 3], { c: 1 }, { c: 'd' }]
  for (const name of Object.keys(order.properties))
    for (const value of values) {
      const asked = { items, [name]: value }
      expect([asked, told(order, asked) === undefined]).toEqual([asked, isValid(asked)])
    }
})
