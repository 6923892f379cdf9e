import { parse, print, toJson } from '@weft/adapters'
import { expect, test } from 'vitest'
import { type Composition, compositionText } from './composition.ts'

test.each<[Composition, string]>([
  ['base + style/speech', 'base + style/speech'],
  [{ route: 'orator' }, 'orator'],
  [{}, 'base'],
  [{ base: 'org/Model-1' }, 'org/Model-1'],
  [{ adapters: { 'style/speech@2': 1, 'style/whale@prod': 0.5 } }, 'style/speech@2 + 0.5*style/whale@prod'],
  [{ base: 'base', adapters: { a: -0.25 }, texts: ['Say "no".'] }, 'base + -0.25*a + "Say \\"no\\"."'],
  [{ kind: 'mix', terms: [{ kind: 'scale', weight: 0.5, of: { kind: 'adapter', name: 'a' } }] }, 'mix(0.5*a)'],
])('%j is %s', (composition, text) => expect(compositionText(composition)).toBe(text))

test('what an expression is read as is what it is written as', () => {
  const text = 'base + 2*(a + 0.5*b@2) + experts(a, b) + "c"'
  expect(compositionText(toJson(parse(text)))).toBe(text)
  const small = compositionText({ adapters: { a: 1e-7, b: 1e6 } })
  expect(print(parse(small))).toBe(small)
})

test.each<[string, Composition]>([
  ['invalid_request', { adapters: { a: '1' } } as never],
  ['invalid_request', { adapter: { a: 1 } } as never],
  ['invalid_request', { route: 'orator', texts: ['a'] } as never],
  ['invalid_adapter_name', { adapters: { 'a + b': 1 } }],
  ['expression_syntax', { adapters: { 'a b': 1 } }],
])('%s: %j is refused', (code, composition) => expect(() => compositionText(composition)).toThrow(expect.objectContaining({ code })))
