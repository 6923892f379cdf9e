import { expect, test } from 'vitest'
import { checkFunctions } from './check-functions.ts'

const of = (properties: object, more: object = {}) => ({ name: 'f', parameters: { type: 'object', properties, ...more } })
const well = { name: 'clock' }

test('functions are well whose arguments can be had, though not all of a schema can', () => {
  expect(() => checkFunctions([well, of({ n: { type: 'integer', multipleOf: 101, not: {} } }), { name: 'g', parameters: null }])).not.toThrow()
})

test.each<[string, object, object]>([
  ['a type that is none', of({ a: { type: 'banana' } }), { code: 'unsupported_schema', details: { path: '#/properties/a/type', function: 'f' } }],
  ['a reference to nothing', of({ a: { $ref: '#/$defs/a' } }), { code: 'unsupported_schema', details: { path: '#/properties/a/$ref', function: 'f' } }],
  ['one that stands at its own beginning', of({ a: { anyOf: [{ $ref: '#/properties/a' }] } }), { code: 'unsupported_schema' }],
  ['what a strict one cannot have', { ...of({ a: { not: {} } }), strict: true }, { details: { path: '#/properties/a/not', function: 'f' } }],
  ['too many alternatives', of({ a: { enum: Array.from({ length: 5000 }, (_, i) => `${i}`) } }), { code: 'grammar_too_large' }],
])('refused, and the function named: %s', (_, fault, error) => {
  const again = () => checkFunctions([well, fault as { name: string }])
  for (const message of [/^Function "f": /, /^Function "f": /]) expect(again).toThrow(message)
  expect(again).toThrow(expect.objectContaining({ ...error, param: 'grammar' }))
  expect(again).toThrow(expect.objectContaining({ details: expect.objectContaining({ function: 'f' }) }))
})
