import { describe, expect, test } from 'vitest'
import { canonical, type ResolvedAdapter } from './canonical.ts'
import { operandLevel } from './operand-level.ts'
import { parse } from './parse.ts'
import { print } from './print.ts'

const adapters: Record<string, Omit<ResolvedAdapter, 'ref'>> = {
  a: { digest: 'sha256:2a', sites: ['keyValue'] },
  'a@1': { digest: 'sha256:1a', sites: ['keyValue'] },
  b: { digest: 'sha256:1b', sites: ['inputsEmbeds'] },
  c: { digest: 'sha256:3c', sites: ['linear'] },
  spam: { digest: 'sha256:4spam', sites: ['head', 'inputsEmbeds'] },
  note: { digest: 'sha256:6note', sites: ['text'] },
  all: { digest: 'sha256:5all', sites: ['weights'] },
}
const form = (text: string) =>
  canonical(parse(text), ({ name, version }) => ({ ref: `${name}@${version ?? 2}`, ...adapters[version === 1 ? `${name}@1` : name] }))
const spelled = (text: string): string => form(text).text.replaceAll('sha256:', '')

describe('composition at the output', () => {
  test.each([
    ['experts(a, b)', 'experts(1b, 2a)'],
    ['experts(b, a)', 'experts(1b, 2a)'],
    ['experts(0.5*a, b)', 'experts(1b, 0.5*2a)'],
    ['experts(2*0.25*a, "x" + b)', 'experts("x" + 1b, 0.5*2a)'],
    ['experts(0.5*(a + c), b)', 'experts(1b, 0.5*(2a + 3c))'],
    ['product(a, 3*b, c)', 'product(3*1b, 2a, 3c)'],
    ['product(2*a, -1*a@1)', 'product(-1*1a, 2*2a)'],
    ['ensemble(a, a@1)', 'ensemble(0.5*1a, 0.5*2a)'],
    ['experts(a + c, b + c)', 'experts(1b + 3c, 2a + 3c)'],
    ['experts(a, 0*a@1, 0*a)', '2a'],
    ['product(-1*a, b)', 'product(1b, -1*2a)'],
    ['ensemble(a, b)', 'ensemble(0.5*1b, 0.5*2a)'],
    ['ensemble(2*a, 6*b)', 'ensemble(0.75*1b, 0.25*2a)'],
    ['experts(mix(0.5*a, 0.5*a), b)', 'experts(mix(0.5*2a, 0.5*2a), 1b)'],
  ])('%s is %s', (text, expected) => expect(spelled(text)).toBe(expected))

  test.each(['experts', 'product', 'ensemble'])('%s of one operand is that operand, of none the base model', (operator) => {
    expect(form(`${operator}(a + b)`)).toEqual(form('a + b'))
    expect(form(`${operator}(a, 0*b)`)).toEqual(form('a'))
    expect(form(`${operator}(0*a)`)).toEqual({ terms: [], text: '' })
    expect(form(`${operator}(a, "")`)).toEqual(form('a'))
  })

  test('weights of a mean are the same in every order, and spelled out they are what they were', () => {
    const hundredths = Array.from({ length: 200 }, (_, i) => [1 + ((i * 37) % 97), 1 + ((i * 53) % 89), 1 + ((i * 71) % 83)].map((n) => n / 100))
    for (const [a, b, c] of [[0.7, 0.2, 0.1], [1, 1, 1], ...hundredths]) {
      const { text } = form(`ensemble(${a}*a, ${b}*b, ${c}*c)`)
      expect(form(`ensemble(${c}*c, ${b}*b, ${a}*a)`).text).toBe(text)
      expect(form(text.replace('sha256:1b', 'b').replace('sha256:2a', 'a').replace('sha256:3c', 'c')).text).toBe(text)
    }
    expect(spelled('ensemble(0.7*a, 0.2*b, 0.1*c)')).toBe('ensemble(0.2*1b, 0.7*2a, 0.1*3c)')
  })

  test.each(['experts', 'product'])('in %s a strength inside attention and one at the output are two spellings', (operator) => {
    expect(spelled(`${operator}(2*a, c)`)).toBe(`${operator}(2*2a, 3c)`)
    expect(spelled(`${operator}(2*a + 0*b, c)`)).toBe(`${operator}((2*2a), 3c)`)
    expect(spelled(`${operator}(0.5*(2*a + 0*b), c)`)).toBe(`${operator}(0.5*(2*2a), 3c)`)
    expect(spelled(`${operator}((2*a), c)`)).toBe(`${operator}((2*2a), 3c)`)
    expect(spelled(`${operator}(0.5*(2*a), c)`)).toBe(`${operator}(0.5*(2*2a), 3c)`)
  })

  test('a strength counts for one operand too, but not in a mean', () => {
    expect(spelled('experts(0.5*a)')).toBe('experts(0.5*2a)')
    expect(form('ensemble(0.5*a)')).toEqual(form('a'))
  })

  test('a refusal names the operand as it was written', () => {
    expect(() => form('experts(a, 0.5*(spam + c))')).toThrow(/^spam@2 \+ c@2 cannot stand in experts/)
    expect(() => form('product(mix(c, 2*c) + all, b)')).toThrow(/^mix\(c@2, 2\*c@2\) \+ all@2 cannot stand in product/)
  })

  test.each([
    ['experts(a, b, a)', /^a@2 stands twice in experts\(…\), .* by its strength: 2\*a@2$/],
    ['experts(a@1, a, a@2)', /^a@1 and a@2 are two versions of one adapter, in two operands of experts/],
    ['product(a, 0.5*a@2)', /by its strength: 1\.5\*a@2$/],
    ['ensemble(a + c, c + a)', /by its strength: 2\*\(a@2 \+ c@2\)$/],
    ['experts("x", 3*"x")', /by its strength: 4\*"x"$/],
    ['experts(a + c, mix(b, 2*b) + a@1)', /^a@2 and a@1 are two versions/],
  ])('what would count twice in silence is refused: %s', (text, message) => {
    expect(() => form(text)).toThrow(expect.objectContaining({ code: 'operands_alike', status: 400, message: expect.stringMatching(message) }))
  })

  test('operands keep what they are made of', () => {
    expect(form('product(0.5*(a + c), b)').outputs).toEqual({
      operator: 'product',
      operands: [
        { weight: 1, composition: form('b') },
        { weight: 0.5, composition: form('a + c') },
      ],
    })
  })

  test.each([
    ['a + experts(a, b)', 'outputs_nested'],
    ['0.5*experts(a, b)', 'outputs_nested'],
    ['mix(experts(a, b), c)', 'outputs_nested'],
    ['experts(a, ensemble(b, c))', 'outputs_nested'],
    ['experts(a, spam)', 'outputs_operand'],
    ['product(all, a)', 'outputs_operand'],
    ['ensemble(-1*a, b)', 'invalid_strength'],
    ['experts(1e308*10*a, b)', 'invalid_strength'],
    ['experts(1e300*a, b)', 'invalid_strength'],
    [`experts(${Array.from({ length: 9 }, (_, n) => `"${n}"`).join(', ')})`, 'too_many_operands'],
  ])('%s is refused: %s', (text, code) => expect(() => form(text)).toThrow(expect.objectContaining({ code, status: 400 })))

  test.each([
    ['a', 0.4],
    ['a + "Briefly."', 0.4],
    ['mix(0.5*a, 0.5*c)', 3],
    // Nobody measured it, and it was trained all the same.
    ['b', 1],
    ['0.5*"Briefly." + "Please."', undefined],
    ['note', undefined],
    ['note + a', 0.4],
  ])('the level of %s is %s', (text, level) => {
    const manifests: Record<string, { sites: string[]; training?: { level?: number } }> = {
      'sha256:2a': { sites: ['keyValue'], training: { level: 0.4 } },
      'sha256:1b': { sites: ['inputsEmbeds'] },
      'sha256:3c': { sites: ['linear'], training: { level: 3 } },
      'sha256:6note': { sites: ['text'] },
    }
    expect(operandLevel(form(text).terms, (digest) => manifests[digest])).toBe(level)
  })

  test.each(['experts(a, 0.5*b)', 'experts((2*a), 0.5*(3*b))', 'product("x", a + b)', 'ensemble(a)'])('%s prints as it was written', (text) =>
    expect(print(parse(text))).toBe(text),
  )
})
