import { expect, test } from 'vitest'
import { DEAD } from '../automaton/automaton.ts'
import { automatonOf } from '../grammar.ts'

const written = (schema: unknown, text: string): boolean => {
  const automaton = automatonOf({ type: 'json_schema', schema, relaxed: true })
  let state = automaton.start
  for (const byte of new TextEncoder().encode(text)) state = automaton.next(state, byte)
  return state !== DEAD && automaton.isComplete(state)
}

test.each<[string, object, string, string]>([
  ['not', { type: 'string', not: { const: 'a' } }, '"a" "b"', '1'],
  ['not, alone', { not: {} }, '1 "a" {}', '{a}'],
  ['multipleOf', { type: 'integer', multipleOf: 101, minimum: 3 }, '3 7', '2 1.5'],
  ['multipleOf of a fraction', { type: 'number', multipleOf: 0.01, minimum: 3 }, '3 7.001', '2'],
  ['multipleOf of large numbers', { type: 'integer', multipleOf: 5, minimum: 1e15 }, '1000000000000001', '2'],
  ['bounds of draft 4', { type: 'number', minimum: 0.5, exclusiveMinimum: true }, '0.5 1', '0.4'],
  ['patternProperties', { type: 'object', patternProperties: { '^x': { type: 'null' } } }, '{"x":1} {}', '[]'],
  ['if, then, else', { type: 'integer', if: { minimum: 3 }, then: { maximum: 5 }, else: false }, '1 9', '"a"'],
  ['what arrays hold', { type: 'array', items: { type: 'integer' }, uniqueItems: true, contains: { const: 1 }, unevaluatedItems: false }, '[2,2]', '["a"]'],
  [
    'dependent',
    { properties: { a: { type: 'null' } }, dependentRequired: { a: ['b'] }, dependentSchemas: {}, unevaluatedProperties: false },
    '{"a":null}',
    '{"a":1}',
  ],
  ['counts of properties', { type: 'object', minProperties: 2, maxProperties: 3 }, '{} {"a":1}', '1'],
  ['propertyNames', { type: 'object', propertyNames: { pattern: '^a' } }, '{"b":1}', '1'],
  ['format', { type: 'string', format: 'iri', maxLength: 3 }, '"abc"', '"abcd" 1'],
  ['format of another length', { type: 'string', format: 'date', maxLength: 3 }, '"2024-01-01"', '"a"'],
  ['pattern', { type: 'string', pattern: '(?=a)b' }, '"x" ""', '1'],
  ['pattern of another language', { type: 'string', pattern: '(?P<year>[0-9]+)', minLength: 2 }, '"xy"', '"x"'],
  ['pattern and length', { type: 'string', pattern: '^a+$', maxLength: 1 }, '"aa"', '"b"'],
  ['enum', { enum: ['a', 'b'], minLength: 3 }, '"a" "b"', '"c"'],
  ['additionalItems', { type: 'array', items: { type: 'null' }, additionalItems: false }, '[] [null,null]', '[1]'],
  ['places', { type: 'number', minimum: 1.5e-24, maximum: 2 }, '0 1', '3'],
  ['said twice', { allOf: [{ type: 'string', pattern: '^a$' }, { pattern: 'b' }] }, '"a"', '"b"'],
  ['another document', { properties: { a: { $ref: 'https://example.com/a' } }, required: ['a'] }, '{"a":1} {"a":[]}', '{}'],
  ['a dialect', { $dynamicRef: '#x', type: 'null' }, 'null', '1'],
])('what no grammar here keeps is left out: %s', (_, schema, within, without) => {
  for (const text of within.split(' ')) expect({ text, written: written(schema, text) }).toEqual({ text, written: true })
  for (const text of without.split(' ')) expect({ text, written: written(schema, text) }).toEqual({ text, written: false })
})

test("OpenAPI's nullable allows null", () => {
  const name = { type: 'string', maxLength: 1 }
  for (const schema of [
    { ...name, nullable: true },
    { $defs: { name }, $ref: '#/$defs/name', nullable: true },
    { $defs: { name: { ...name, nullable: true } }, allOf: [{ $ref: '#/$defs/name' }], description: 'said beside it' },
    { anyOf: [name], nullable: true },
    { enum: ['a'], nullable: true },
  ]) {
    expect(['null', '"a"', '1', '"ab"'].map((text) => written(schema, text))).toEqual([true, true, false, false])
  }
  expect(written({ ...name, nullable: false }, 'null')).toBe(false)
})

test.each<[string, object]>([
  ['#/type', { type: 'text' }],
  ['#/properties', { properties: 3 }],
  ['#/pattern', { type: 'string', pattern: 3 }],
  ['#/format', { type: 'string', format: 3 }],
  ['#/minimum', { type: 'number', minimum: 'x' }],
  ['#/multipleOf', { type: 'integer', multipleOf: -2 }],
  ['#/$ref', { $ref: '#/$defs/none' }],
  ['#/anyOf', { anyOf: [] }],
  ['#/allOf/1/required', { allOf: [{ required: ['a'] }, { required: 3 }] }],
])('what is no schema is refused all the same: %s', (path, schema) => {
  expect(() => written(schema, '')).toThrow(expect.objectContaining({ code: 'unsupported_schema', details: { path } }))
})
