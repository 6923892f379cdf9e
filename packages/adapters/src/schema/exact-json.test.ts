import { expect, test } from 'vitest'
import { exactWhole, numberOf, parseExactly, parseWritten } from './exact-json.ts'

const parsed = (text: string): unknown => parseExactly(text)

test.each([
  '{"maximum":9223372036854775807}',
  '{"a":{"enum":[9223372036854775807,"x",1],"const":-9007199254740993}}',
  '{"exclusiveMinimum":18446744073709551615}',
])('bounds and values of schemas are written again as they were: %s', (text) => expect(JSON.stringify(parsed(text))).toBe(text))

test('they say their whole number, and what is no such numeral says none', () => {
  const { maximum, minimum, anyOf } = parsed('{"maximum": 9223372036854775807, "minimum": 3, "anyOf": [9007199254740993]}') as Record<string, unknown>
  expect(exactWhole(maximum)).toBe(9223372036854775807n)
  expect(minimum).toBe(3)
  expect(anyOf).toEqual([2 ** 53])
  for (const value of [minimum, null, '9', {}, [], 2 ** 63]) expect(exactWhole(value)).toBeUndefined()
})

test('everything else is what JSON.parse makes of it', () => {
  for (const text of [
    '{"prompt":[1,2],"seed":12345678901234567890}',
    '{"maximum":9223372036854775808}',
    '{"maximum":1e400,"minimum":1.5e18}',
    '[9007199254740993]',
  ])
    expect(parsed(text)).toEqual(JSON.parse(text))
  expect(() => parsed('{"maximum": 9223372036854775807')).toThrow(SyntaxError)
})

test('numerals that a double would write otherwise can be read as they were written', () => {
  const text = '{"a":[12345678901234567890,-1.0,1e3],"b":{"c":0.5,"d":7,"e":"1.0"}}'
  const { a, b } = parseWritten(text) as { a: unknown[]; b: Record<string, unknown> }
  expect(JSON.stringify({ a, b })).toBe(text)
  expect(a.map(numberOf)).toEqual([12345678901234567890n, -1, 1000])
  expect(b).toEqual({ c: 0.5, d: 7, e: '1.0' })
  for (const value of [7, '1.0', null, {}, []]) expect(numberOf(value)).toBeUndefined()
  expect(() => parseWritten(`${'['.repeat(1e5)}1.0${']'.repeat(1e5)}`)).not.toThrow()
  expect(() => parseWritten('[1.0')).toThrow(SyntaxError)
})
