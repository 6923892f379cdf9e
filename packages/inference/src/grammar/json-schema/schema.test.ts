import { parseExactly, Random } from '@weft/adapters'
import { describe, expect, test } from 'vitest'
import { DEAD } from '../automaton/automaton.ts'
import { automatonOf } from '../grammar.ts'

const accepts = (schema: unknown, value: unknown): boolean => written(schema, JSON.stringify(value))

const written = (schema: unknown, text: string): boolean => {
  const automaton = automatonOf({ type: 'json_schema', schema })
  let state = automaton.start
  for (const byte of new TextEncoder().encode(text)) state = automaton.next(state, byte)
  return state !== DEAD && automaton.isComplete(state)
}

describe('schemas that hold themselves', () => {
  const tree = {
    type: 'object',
    properties: { value: { type: 'integer' }, children: { type: 'array', items: { $ref: '#/$defs/tree' } } },
    required: ['value'],
    additionalProperties: false,
  }
  const schema = { $defs: { tree }, $ref: '#/$defs/tree' }
  test('nest as deep as a document does', () => {
    let value: object = { value: 1 }
    for (let depth = 0; depth < 50; depth++) value = { value: depth, children: [value] }
    expect(accepts(schema, value)).toBe(true)
    expect(accepts(schema, { value: 1, children: [{ value: 'x' }] })).toBe(false)
    expect(accepts({ type: 'array', items: { $ref: '#' } }, [[], [[]]])).toBe(true)
  })

  test('and cannot end, or begin, are refused', () => {
    const endless = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }
    expect(() => automatonOf({ type: 'json_schema', schema: endless })).toThrow(expect.objectContaining({ code: 'grammar_of_nothing' }))
    for (const schema of [{ $ref: '#' }, { anyOf: [{ $ref: '#' }, { type: 'null' }] }, { allOf: [{ $ref: '#' }, { type: 'null' }] }])
      expect(() => automatonOf({ type: 'json_schema', schema })).toThrow(expect.objectContaining({ status: 400 }))
  })
})

test('parts that stand together are one', () => {
  const base = { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }
  const schema = { $defs: { base }, allOf: [{ $ref: '#/$defs/base' }, { properties: { name: { type: 'string' } }, required: ['name'] }] }
  expect(accepts(schema, { id: 1, name: 'x' })).toBe(true)
  expect(accepts(schema, { id: 1 })).toBe(false)
  const either = {
    ...base,
    anyOf: [
      { properties: { a: { const: 1 } }, required: ['a'] },
      { properties: { b: { const: 2 } }, required: ['b'] },
    ],
  }
  expect(accepts(either, { id: 1, b: 2 })).toBe(true)
  expect(accepts(either, { id: 1 })).toBe(false)
  expect(accepts({ $defs: { base }, $ref: '#/$defs/base', description: 'said beside it' }, { id: 1 })).toBe(true)
})

test('white space has a bound', () => {
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }
  for (const text of ['{"a":1}', '{"a": 1}', '{ "a": 1 }', '{\n  "a": 1\n}']) expect(written(schema, text)).toBe(true)
  for (const text of ['{  "a":1}', '{\n\n"a":1}', ' {"a":1}', '{"a":1} ', '{"a" :1}']) expect(written(schema, text)).toBe(false)
})

test('strings may be written with escapes, and never with half a character', () => {
  for (const text of ['"\\u00e9\\/\\n"', '"\\ud83d\\uDE00"', '"é"', '"\\ud7ff"']) expect(written({ type: 'string' }, text)).toBe(true)
  for (const text of ['"\\ud83d"', '"\\ude00\\ud83d"', '"\\x"', '"\t"']) expect(written({ type: 'string' }, text)).toBe(false)
  expect(written({ type: 'string', maxLength: 1 }, '"\\ud83d\\ude00"')).toBe(true)
})

test('bounds of numbers are kept at their edges', () => {
  const ok = (schema: object, ...values: (number | string)[]) => values.map((value) => written(schema, String(value)))
  expect(ok({ type: 'integer', minimum: -12, maximum: 105 }, -13, -12, -1, 0, 9, 99, 105, 106, '-0', '007')).toEqual([
    false,
    true,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ])
  expect(ok({ type: 'integer', exclusiveMinimum: 0.5, exclusiveMaximum: 3 }, 0, 1, 2, 3)).toEqual([false, true, true, false])
  expect(ok({ type: 'number', minimum: 0, maximum: 1 }, -0.1, 0, 0.5, 1, '1.0', 1.1)).toEqual([false, true, true, true, true, false])
  expect(ok({ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0, '0.0', 0.001, 0.999, 1)).toEqual([false, false, true, true, false])
  expect(ok({ type: 'number', minimum: -3, maximum: -2 }, -3.5, -3, -2.5, -2, -1.9)).toEqual([false, true, true, true, false])
  expect(ok({ type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }, 123456789, -5)).toEqual([true, true])
})

test.each<[object, string, string]>([
  [{ type: 'integer', minimum: 0, maximum: 1e21 }, '5 10 12345 99999999999 1000000000000000000000', '1e+21 1000000000000000000001 -1'],
  [{ type: 'integer', minimum: -1e22, maximum: 3 }, '3 0 -10 -12345 -10000000000000000000000', '4 -1e+22 -10000000000000000000001'],
  [{ type: 'integer', minimum: 1e21, maximum: 2e21 }, '1500000000000000000000', '1e+21 999999999999999999999 2000000000000000000001'],
  [{ type: 'number', minimum: 0, maximum: 1e300 }, '5 10.5 1234567 99999999.25', '1e+300 1e+300.0 -1'],
  [{ type: 'number', minimum: -1e21 }, '-5 -100000.5 1000000 -1000000000000000000000.0', '-1e+21.0 -1000000000000000000000.1'],
  [{ type: 'number', maximum: 1e21 }, '12345 123456.5 1000000000000000000000.0', '1e+21.0 1000000000000000000000.1'],
  // Where one bound has more digits than are written without bounds, so has the other end.
  [{ type: 'integer', minimum: 1.6e15 }, '1600000000000000 1700000000000000', '1599999999999999 999 -1700000000000000'],
  [{ type: 'integer', maximum: -1e15 }, '-1000000000000000 -2000000000000001', '-999999999999999 5'],
  [{ type: 'number', minimum: 1e15 }, '1000000000000000 2000000000000000.5', '999999999999999'],
  // What is left out, and what is read as it.
  [{ type: 'integer', exclusiveMaximum: 2 ** 64 }, '18446744073709549568', '18446744073709551616 18446744073709551615'],
  [{ type: 'integer', exclusiveMinimum: 2 ** 53 }, '9007199254740994', '9007199254740992 9007199254740993'],
  [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 5e15 }, '4999999999999998.5 4999999999999999', '4999999999999999.9 5000000000000000'],
  [{ type: 'number', exclusiveMinimum: 5e15 }, '5000000000000001', '5000000000000000 5000000000000000.1'],
])('bounds have all their digits: %j', (schema, within, without) => {
  for (const text of within.split(' ')) expect({ text, written: written(schema, text) }).toEqual({ text, written: true })
  for (const text of without.split(' ')) expect({ text, written: written(schema, text) }).toEqual({ text, written: false })
})

test.each<[string, string, string]>([
  ['{"type": "integer", "maximum": 9223372036854775807}', '9223372036854775807 9223372036854775806 -5', '9223372036854775808 9999999999999999999'],
  ['{"type": "integer", "minimum": -9223372036854775809}', '-9223372036854775809 5', '-9223372036854775810'],
  ['{"type": "number", "maximum": 9007199254740993}', '9007199254740993.0 9007199254740992.5', '9007199254740993.1 9007199254740994'],
  // A bound that is left out is read as a double, and so is what is next to it.
  ['{"type": "integer", "exclusiveMaximum": 9223372036854775807}', '9223372036854774784', '9223372036854775806 9223372036854775807'],
  ['{"enum": [9223372036854775807, "x"]}', '9223372036854775807 "x"', '9223372036854775808 9223372036854776000'],
  ['{"type": "integer", "const": 9007199254740993}', '9007199254740993', '9007199254740992'],
  ['{"allOf": [{"type": "integer", "maximum": 9223372036854775807}, {"maximum": 9223372036854775805}]}', '9223372036854775805', '9223372036854775806'],
  ['{"allOf": [{"type": "integer", "minimum": 9007199254740993}, {"minimum": 4}]}', '9007199254740993', '9007199254740992 5'],
])('whole bounds hold as they are written: %s', (schema, within, without) => {
  for (const text of within.split(' ')) expect({ text, written: written(parseExactly(schema), text) }).toEqual({ text, written: true })
  for (const text of without.split(' ')) expect({ text, written: written(parseExactly(schema), text) }).toEqual({ text, written: false })
})

test('nothing is above the largest number', () => {
  for (const type of ['integer', 'number'])
    for (const schema of [
      { type, exclusiveMinimum: Number.MAX_VALUE },
      { type, exclusiveMaximum: -Number.MAX_VALUE },
    ])
      expect(() => automatonOf({ type: 'json_schema', schema })).toThrow(expect.objectContaining({ code: 'grammar_of_nothing' }))
})

test('whatever is written within bounds of any size is read as a number within them', () => {
  const random = new Random('bounds')
  for (let round = 0; round < 300; round++) {
    const edge = () => Math.round((random.uniform() - 0.5) * 10 ** Math.floor(random.uniform() * 30))
    const [low, high] = [edge(), edge()].sort((a, b) => a - b)
    const type = random.uniform() < 0.5 ? 'integer' : 'number'
    const [openLow, openHigh] = [random.uniform() < 0.5, random.uniform() < 0.5]
    const schema = { type, [openLow ? 'exclusiveMinimum' : 'minimum']: low, [openHigh ? 'exclusiveMaximum' : 'maximum']: high }
    const near = [low, high, 0].flatMap((at) => [-1025n, -2n, -1n, 0n, 1n, 2n, 1025n].map((by) => String(BigInt(at) + by)))
    const texts = near.flatMap((text) => [text, `${text}.0`, `${text}.1`, `${text}.9`])
    let automaton: ReturnType<typeof automatonOf> | undefined
    try {
      automaton = automatonOf({ type: 'json_schema', schema })
    } catch (error) {
      expect(error).toMatchObject({ code: 'grammar_of_nothing' })
    }
    for (const text of texts) {
      let state = automaton?.start ?? DEAD
      for (const byte of new TextEncoder().encode(text)) state = automaton?.next(state, byte) ?? DEAD
      const is = state !== DEAD && automaton!.isComplete(state)
      const value = Number(text)
      const valid = (openLow ? value > low : value >= low) && (openHigh ? value < high : value <= high)
      if (is) expect({ schema, text, valid }).toEqual({ schema, text, valid: true })
      if (openLow || openHigh || !/^(0|-?[1-9]\d*)$/.test(text)) continue
      const within = BigInt(low) <= BigInt(text) && BigInt(text) <= BigInt(high)
      expect({ schema, text, is }).toEqual({ schema, text, is: within })
    }
  }
})

test('bounds of many digits take little work', () => {
  const work = (schema: object): number => automatonOf({ type: 'json_schema', schema }).work
  // Each digit takes a few terms, on each side of zero; not twice as many as the digit before.
  for (const type of ['integer', 'number']) {
    const short = work({ type, minimum: -(10 ** 5) - 7, maximum: 10 ** 5 + 7 })
    expect(work({ type, minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })).toBeLessThan(3 * short)
    expect(work({ type, minimum: -(2 ** 63), maximum: 2 ** 63 })).toBeLessThan(4 * short)
  }
})

test('a property that is required twice, or whose name begins as another, is written once', () => {
  expect(accepts({ type: 'object', required: ['a', 'a'] }, { a: 1 })).toBe(true)
  const schema = { type: 'object', properties: { name: { type: 'null' }, na: { type: 'null' } }, additionalProperties: { type: 'integer' } }
  expect(accepts(schema, { name: null, na: null, n: 1, nam: 2, names: 3, '': 4 })).toBe(true)
  for (const name of ['na', 'name']) expect(accepts(schema, { [name]: 1 })).toBe(false)
})

test('what says nothing of validity may stand in a schema', () => {
  const record = { type: 'object', propertyNames: { type: 'string', description: 'a word' }, additionalProperties: { type: 'integer' } }
  expect(accepts(record, { a: 1, b: 2 })).toBe(true)
  expect(accepts(record, { a: 'x' })).toBe(false)
  for (const propertyNames of [true, {}]) expect(accepts({ ...record, propertyNames }, { a: 1 })).toBe(true)
  const [cat, dog] = ['cat', 'dog'].map((kind) => ({ type: 'object', properties: { kind: { const: kind } }, required: ['kind'] }))
  const discriminator = { propertyName: 'kind', mapping: { cat: '#/$defs/cat' } }
  for (const name of ['oneOf', 'anyOf']) {
    const pet = { $defs: { cat }, discriminator, [name]: [{ $ref: '#/$defs/cat' }, dog] }
    for (const schema of [pet, { ...pet, type: 'object' }, { $defs: { cat, pet }, allOf: [{ $ref: '#/$defs/pet' }, { required: ['kind'] }] }])
      expect(['cat', 'dog', 'cow'].map((kind) => accepts(schema, { kind }))).toEqual([true, true, false])
  }
})

test('a tuple is a list of items, and what follows it (drafts up to 2019-09)', () => {
  const pair = { type: 'array', items: [{ type: 'integer' }, { type: 'string' }] }
  const values = [[], [1], [1, 'a'], [1, 'a', null], [1, 'a', true], ['a']]
  const valid = (schema: object) => values.map((value) => accepts(schema, value))
  expect(valid(pair)).toEqual([true, true, true, true, true, false])
  expect(valid({ ...pair, additionalItems: true })).toEqual([true, true, true, true, true, false])
  expect(valid({ ...pair, additionalItems: false })).toEqual([true, true, true, false, false, false])
  expect(valid({ ...pair, additionalItems: { type: 'null' } })).toEqual([true, true, true, true, false, false])
  expect(valid({ ...pair, additionalItems: false, minItems: 2 })).toEqual([false, false, true, false, false, false])
  expect(valid({ items: [], additionalItems: false })).toEqual([true, false, false, false, false, false])
})

test.each(['date', 'time', 'date-time', 'uuid', 'email', 'hostname', 'ipv4'])('format %s', (format) => {
  const examples: Record<string, [string, string]> = {
    date: ['2024-04-30', '2024-04-31'],
    time: ['23:59:59Z', '24:00:00Z'],
    'date-time': ['2024-02-28T12:30:00.5+01:00', '2024-02-30T12:30:00Z'],
    uuid: ['123e4567-e89b-42d3-a456-426614174000', '123e4567'],
    email: ['first.last@example.co.uk', 'first.@example'],
    hostname: ['a-b.example', '-a.example'],
    ipv4: ['192.168.0.255', '192.168.0.256'],
  }
  expect(examples[format].map((value) => accepts({ type: 'string', format }, value))).toEqual([true, false])
})

test.each<[string, object]>([
  ['#/not', { not: {} }],
  ['#/properties/a~1b/patternProperties', { type: 'object', properties: { 'a/b': { patternProperties: { x: {} } } } }],
  ['#/items/uniqueItems', { type: 'array', items: { type: 'array', uniqueItems: true } }],
  ['#/$defs/x/multipleOf', { $ref: '#/$defs/x', $defs: { x: { type: 'integer', multipleOf: 1.5 } } }],
  ['#/minimum', { type: 'number', minimum: 1.5e-24 }],
  ['#/maximum', { type: 'number', maximum: '0.5' }],
  ['#/exclusiveMinimum', { type: 'number', minimum: 0, exclusiveMinimum: true }],
  ['#/multipleOf', { type: 'integer', multipleOf: 0 }],
  ['#/multipleOf', { type: 'integer', multipleOf: 97 }],
  ['#/multipleOf', { type: 'integer', multipleOf: 2000 }],
  ['#/multipleOf', { type: 'integer', multipleOf: 5, minimum: 1e15 }],
  ['#/pattern', { type: 'string', pattern: '(?=a)b' }],
  ['#/pattern', { type: 'string', pattern: '[' }],
  ['#/maxLength', { type: 'string', pattern: 'a', maxLength: 3 }],
  ['#/format', { type: 'string', format: 'uri-reference' }],
  ['#/type', { type: 'text' }],
  ['#/$ref', { $ref: 'https://example.com/schema' }],
  ['#/$ref', { $ref: '#/$defs/none' }],
  ['#/$ref', { $ref: '#/$defs/50%', $defs: { '50%': {} } }],
  ['#/allOf/1/required', { allOf: [{ required: 'a' }, { required: 3 }] }],
  ['#/allOf/1/properties', { allOf: [{ properties: {} }, { properties: null }] }],
  ['#/allOf/1/allOf', { allOf: [{ allOf: 3 }, { allOf: [{}] }] }],
  ['#/required', { type: 'object', properties: {}, required: ['a'], additionalProperties: false }],
  ['#/anyOf/0/nullable', { anyOf: [{ type: 'string', nullable: true }] }],
  ['#/propertyNames', { type: 'object', propertyNames: { type: 'string', minLength: 1 } }],
  ['#/propertyNames', { type: 'object', propertyNames: false }],
  ['#/discriminator', { type: 'object', discriminator: { propertyName: 'kind' } }],
  ['#/discriminator', { anyOf: [{}], discriminator: 'kind' }],
  ['#/additionalItems', { items: { type: 'string' }, additionalItems: false }],
  ['#/additionalItems', { type: 'array', additionalItems: false }],
  ['#/items', { items: [{}], prefixItems: [{}] }],
  ['#/items/1', { items: [{}, 3] }],
  ['#/additionalItems/not', { items: [{}], additionalItems: { not: {} } }],
  ['#/allOf/1/items', { allOf: [{ prefixItems: [{ type: 'string' }] }, { items: { type: 'integer' } }] }],
  ['#', 7 as never],
])('what cannot be honoured is refused at its path: %s', (path, schema) => {
  expect(() => automatonOf({ type: 'json_schema', schema })).toThrow(expect.objectContaining({ code: 'unsupported_schema', status: 400, details: { path } }))
})
