import { describe, expect, test } from 'vitest'
import { newAliasSchema } from '../schema/names.ts'
import type { Expression } from './expression.ts'
import { fromJson, toJson } from './json.ts'
import { limits } from './limits.ts'
import { parse } from './parse.ts'
import { print } from './print.ts'

const bare = (text: string): Expression => toJson(parse(text))

describe('parse', () => {
  test('names, versions and digests', () => {
    const digest = `sha256:${'0a'.repeat(32)}`
    expect(bare('tone/friendly')).toEqual({ kind: 'adapter', name: 'tone/friendly' })
    expect(bare('domain/legal@3')).toEqual({ kind: 'adapter', name: 'domain/legal', version: 3 })
    expect(bare(`a@${digest}`)).toEqual({ kind: 'adapter', name: 'a', digest })
    expect(bare('my-model.v2/x_1')).toEqual({ kind: 'adapter', name: 'my-model.v2/x_1' })
  })

  test('aliases begin with a letter, so that none looks like a version', () => {
    expect(bare('style/speech@prod')).toEqual({ kind: 'adapter', name: 'style/speech', alias: 'prod' })
    expect(bare('a@eu-west.2 + 0.5*b@latest')).toMatchObject({ terms: [{ alias: 'eu-west.2' }, { of: { alias: 'latest' } }] })
    for (const text of ['a@3', 'a@prod', 'a@v2-candidate', 'a']) expect(print(parse(text))).toBe(text)
    expect(newAliasSchema.safeParse('prod').success).toBe(true)
    for (const alias of ['', '3', 'v3', 'V12', '-a', '.a', 'a b', 'a/b', 'latest', 'Latest', 'sha256', 'base', 'newest', 'x'.repeat(65)])
      expect(newAliasSchema.safeParse(alias).success, alias).toBe(false)
  })

  test('the example of the language', () => {
    expect(bare('base + tone/friendly + 0.5*domain/legal@3 + "Answer briefly." + mix(0.5*a, 0.5*b)')).toEqual({
      kind: 'sum',
      terms: [
        { kind: 'adapter', name: 'base' },
        { kind: 'adapter', name: 'tone/friendly' },
        { kind: 'scale', weight: 0.5, of: { kind: 'adapter', name: 'domain/legal', version: 3 } },
        { kind: 'text', text: 'Answer briefly.' },
        { kind: 'mix', terms: ['a', 'b'].map((name) => ({ kind: 'scale', weight: 0.5, of: { kind: 'adapter', name } })) },
      ],
    })
  })

  test('strengths: decimals, exponents, signs, groups, products', () => {
    const weight = (text: string): number => (parse(text) as { weight: number }).weight
    expect(['2*a', '.5*a', '2.*a', '1e-3*a', '-0.5*a', '0*a', '3 * (a + b)'].map(weight)).toEqual([2, 0.5, 2, 0.001, -0.5, 0, 3])
    expect(bare('2*0.5*a')).toEqual({ kind: 'scale', weight: 2, of: { kind: 'scale', weight: 0.5, of: { kind: 'adapter', name: 'a' } } })
  })

  test("texts have JSON's escapes, and may hold line breaks", () => {
    expect(bare(String.raw`"say \"hi\"\n\u00e9 + 2*x"`)).toEqual({ kind: 'text', text: 'say "hi"\né + 2*x' })
    expect(bare('"two\nlines"')).toEqual({ kind: 'text', text: 'two\nlines' })
  })

  test('mix and ensemble are names when nothing is called', () => {
    expect(bare('mix + ensemble/a')).toEqual({
      kind: 'sum',
      terms: [
        { kind: 'adapter', name: 'mix' },
        { kind: 'adapter', name: 'ensemble/a' },
      ],
    })
  })

  test('every node knows where it began', () => {
    expect(parse('a + 2*(b + "c")')).toMatchObject({
      offset: 0,
      terms: [{ offset: 0 }, { offset: 4, of: { offset: 7, terms: [{ offset: 7 }, { offset: 11 }] } }],
    })
  })

  test.each([
    ['', 0, 'empty'],
    ['   ', 0, 'empty'],
    ['a +', 3, 'ends too early'],
    ['a b', 2, 'unexpected name "b"'],
    ['+ a', 0, 'unexpected "+"'],
    ['a + * b', 4, 'unexpected "*"'],
    ['(a + b', 6, 'ends too early; expected ")"'],
    ['a)', 1, 'unexpected ")"'],
    ['0.5 a', 4, '"*" after the strength 0.5'],
    ['a*0.5', 1, 'the strength in front'],
    ['2x', 1, 'runs into "x"'],
    ['1.2.3*a', 3, 'runs into "."'],
    ['a - b', 2, 'nothing is subtracted'],
    ['a@', 1, '"@" is no version'],
    ['a@0', 1, '"@0" is no version'],
    ['a@v3', 1, '"@v3" is no version'],
    ['a@1prod', 1, '"@1prod" is no version'],
    ['a@sha256:12', 1, 'is no version'],
    ['"never closed', 0, 'never closed'],
    [String.raw`"\q"`, 0, 'escape that JSON does not know'],
    [String.raw`a + "so \ud83d"`, 4, 'holds half of a character'],
    [String.raw`"\ude00\ud83d"`, 0, 'holds half of a character'],
    ['a + $b', 4, 'unexpected "$"'],
    ['a/ + b', 1, 'unexpected "/"'],
    ['mix()', 4, 'unexpected ")"'],
    ['mix(a, )', 7, 'unexpected ")"'],
    ['mix(a; b)', 5, 'unexpected ";"'],
    ['a, b', 1, 'expected "+" or the end'],
    ['base + expert(a, b)', 7, 'there is no "expert(…)"; did you mean "experts(…)"? There are mix(…), auto(…), experts(…)'],
    ['sum(a, b)', 0, 'there is no "sum(…)"'],
    ["a + 'x'", 4, 'a text stands in double quotes'],
    ['a + “x”', 4, 'a text stands in double quotes'],
    ['ä', 0, 'unexpected "ä"'],
    ['base + 🐳', 7, 'unexpected "🐳"'],
  ])('%j is wrong at %i', (text, offset, why) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'expression_syntax',
        status: 400,
        param: 'model',
        details: { offset, expression: text },
        message: expect.stringContaining(why),
      }),
    )
  })

  test('a strength beyond all numbers is told as it was written', () =>
    expect(() => parse('base + 1e999*a')).toThrow(
      expect.objectContaining({
        code: 'invalid_strength',
        message: expect.stringContaining('a strength of 1e999 is not possible'),
        details: { weight: '1e999', offset: 7 },
      }),
    ))

  test('an error draws the place, also far into a long expression', () => {
    const message = (text: string): string => {
      try {
        parse(text)
        return ''
      } catch (error) {
        return (error as Error).message
      }
    }
    const [, line, mark] = message('a + 0.5*b +* c').split('\n')
    expect(line[mark.indexOf('^')]).toBe('*')
    const [, far, under] = message(`${'a + '.repeat(200)}& b`).split('\n')
    expect(far.length).toBeLessThan(130)
    expect(far[under.indexOf('^')]).toBe('&')
  })

  test('length and depth are limited', () => {
    expect(() => parse('a'.repeat(limits.length + 1))).toThrow(expect.objectContaining({ code: 'expression_too_long' }))
    expect(() => parse(`${'('.repeat(500)}a${')'.repeat(500)}`)).toThrow(expect.objectContaining({ code: 'nested_too_deep' }))
    expect(() => parse(`${'1*'.repeat(500)}a`)).toThrow(expect.objectContaining({ code: 'nested_too_deep' }))
    expect(() => parse(`${'('.repeat(limits.depth)}a${')'.repeat(limits.depth)}`)).not.toThrow()
  })

  test('terms are counted before anybody resolves them; the base model and the calls are none', () => {
    const terms = (count: number) => Array(count).fill('a').join(' + ')
    expect(() => parse(`base + mix(${terms(limits.terms - 1)}, "t")`)).not.toThrow()
    expect(() => parse(terms(limits.terms + 2))).toThrow(expect.objectContaining({ code: 'too_many_terms' }))
  })
})

describe('print and JSON', () => {
  test.each(['a', '0.5*(a + b)', 'a@3 + 2*"x \\"y\\""', 'mix(0.5*a, 0.5*(b + c))', 'ensemble(a, b) + -1e-7*c', 'a + (b + 2*0.5*c)', '1e+21*a'])(
    '%s comes back',
    (text) => {
      expect(bare(print(parse(text)))).toEqual(bare(text))
      expect(fromJson(JSON.parse(JSON.stringify(toJson(parse(text)))))).toEqual(bare(text))
    },
  )

  test.each([
    [{ kind: 'adapter', name: '3d' }],
    [{ kind: 'sum', terms: [] }],
    [{ kind: 'scale', weight: null, of: { kind: 'text', text: '' } }],
    [{ kind: 'other' }],
    ['a'],
    [null],
    [{ kind: 'adapter', name: 'a', more: 1 }],
  ])('%j is refused', (json) => {
    expect(() => fromJson(json)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  test('JSON nested without end is refused before it is walked', () => {
    let json: unknown = { kind: 'text', text: '' }
    for (let i = 0; i < 5000; i++) json = { kind: 'scale', weight: 1, of: json }
    expect(() => fromJson(json)).toThrow(expect.objectContaining({ code: 'nested_too_deep' }))
  })
})
