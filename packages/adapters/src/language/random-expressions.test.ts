import { AdapterRegistry, adapterOf, expectSame, randomTensor, tinyBase, tinyModel } from '@weft/test/cases/tiny-adapters'
import { beforeAll, expect, test } from 'vitest'
import { packComposition, unpackComposition } from '../composition/pack.ts'
import { isWeftError } from '../error.ts'
import { Random } from '../random.ts'
import { textState } from '../sites/text/algebra.ts'
import { canonical } from './canonical.ts'
import type { Expression } from './expression.ts'
import { toJson } from './json.ts'
import { parse } from './parse.ts'
import { print } from './print.ts'

const registry = new AdapterRegistry()
const names = ['prompt', 'style', 'whale', 'branch', 'twig', 'deep', 'note']
beforeAll(async () => {
  const random = new Random('registry')
  const trunk = randomTensor(random, 4, 12)
  const states = {
    prompt: { inputsEmbeds: { rows: trunk } },
    style: { keyValue: { prefix: randomTensor(random, 3, 2, 2, 4, 5) } },
    whale: { keyValue: { prefix: randomTensor(random, 3, 2, 2, 4, 5) } },
    branch: { promptDelta: { trunk, a: randomTensor(random, 4, 2), b: randomTensor(random, 2, 12) } },
    twig: { promptDelta: { trunk, a: randomTensor(random, 4, 1), b: randomTensor(random, 1, 12) } },
    deep: { inputsEmbeds: { rows: randomTensor(random, 2, 12) }, keyValue: { prefix: randomTensor(random, 3, 2, 2, 2, 5) } },
    note: { text: textState('Please. ') },
  }
  for (const name of names) registry.add(name, await adapterOf(states[name as keyof typeof states]))
})

const strengths = [0, 0.25, 0.5, 1, 2, 1e-3]

/** Any expression that a person could write over the registry, to a depth. */
function any(random: Random, depth: number): Expression {
  const pick = random.integer(depth > 0 ? 6 : 2)
  const some = (n: number): Expression[] => Array.from({ length: 1 + random.integer(n) }, () => any(random, depth - 1))
  if (pick === 0) return { kind: 'text', text: `say ${random.integer(3)}` }
  if (pick <= 2) return { kind: 'adapter', name: names[random.integer(names.length)] }
  if (pick === 3) return { kind: 'scale', weight: strengths[random.integer(strengths.length)], of: any(random, depth - 1) }
  if (pick === 4) return { kind: 'sum', terms: some(3) }
  const pair = random.uniform() < 0.5 ? ['style', 'whale'] : ['branch', 'twig']
  return { kind: 'mix', terms: pair.map((name) => ({ kind: 'scale', weight: strengths[1 + random.integer(4)], of: { kind: 'adapter', name } })) }
}

/** The same expression with the terms of every sum of order-free terms turned round. */
function turned(expression: Expression): Expression {
  const free = (term: Expression): boolean =>
    term.kind === 'adapter'
      ? ['style', 'whale'].includes(term.name)
      : term.kind === 'scale'
        ? free(term.of)
        : term.kind === 'text'
          ? false
          : term.terms.every(free)
  switch (expression.kind) {
    case 'scale':
      return { ...expression, of: turned(expression.of) }
    case 'sum':
      return { ...expression, terms: expression.terms.every(free) ? expression.terms.map(turned).reverse() : expression.terms.map(turned) }
    case 'mix':
      return { ...expression, terms: [...expression.terms].reverse() }
    default:
      return expression
  }
}

const seeds = Array.from({ length: 300 }, (_, seed) => seed)

test('of 300 random expressions, each one composes to what every other spelling of it does, and packs without loss', () => {
  let composed = 0
  for (const seed of seeds) {
    const expression = any(new Random(seed), 4)
    const text = print(expression)
    // Brackets that say nothing are left out, so text, not tree, is what comes back.
    expect(print(parse(text))).toBe(text)
    const form = registry.canonical(text)
    for (const other of [print(turned(expression)), `1*(${text})`, `${text} + 0*deep`, `(${text})`, `mix((${text}))`, `mix(1*(${text}))`])
      expect(registry.canonical(other).text, other).toBe(form.text)
    const result = registry.compose(text)
    expectSame(registry.compose(print(turned(expression))), result)
    expectSame(unpackComposition(packComposition(result, tinyBase), tinyModel, tinyBase), result)
    if (result.segments.length || Object.keys(result.sites).length) composed++
  }
  expect(composed).toBeGreaterThan(200)
})

test.each(['experts', 'product', 'ensemble', 'mix'] as const)(
  'of 300 random %s(…), each one is read back from its text, its tree and its canonical spelling',
  (kind) => {
    const byDigest = new Map(names.map((name) => [registry.canonical(name).text, name]))
    const named = (text: string): string => text.replaceAll(/sha256:[0-9a-f]{64}/g, (digest) => byDigest.get(digest)!)
    let read = 0
    for (const seed of seeds) {
      const random = new Random(`${kind} ${seed}`)
      const expression: Expression = { kind, terms: Array.from({ length: 1 + random.integer(3) }, () => any(random, 3)) }
      const text = print(expression)
      expect(print(parse(text))).toBe(text)
      let spelled: string
      try {
        spelled = registry.canonical(expression).text
      } catch (error) {
        // Such as two operands that are one, or a mix of what does not mix.
        if (!isWeftError(error)) throw error
        continue
      }
      expect(registry.canonical(text).text, text).toBe(spelled)
      expect(spelled === '' || registry.canonical(named(spelled)).text === spelled, spelled).toBe(true)
      read++
    }
    expect(read).toBeGreaterThan(50)
  },
)

test('of 20,000 random strings, each one parses or is refused by code, and every offset lies in the text', () => {
  const random = new Random('strings')
  const pieces = [
    'a',
    'b/c',
    'mix',
    'ensemble',
    '(',
    ')',
    '+',
    '*',
    ',',
    '0.5',
    '1e9',
    '-',
    '@',
    '@2',
    '@prod',
    '"',
    '"t"',
    ' ',
    '\\',
    '\n',
    'é',
    '.',
    '/',
    '2x',
    '\u0000',
  ]
  let parsed = 0
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from({ length: random.integer(9) }, () => pieces[random.integer(pieces.length)]).join('')
    try {
      const expression = parse(text)
      parsed++
      expect(toJson(parse(print(expression)))).toEqual(toJson(expression))
    } catch (error) {
      if (!isWeftError(error)) throw error
      const offset = error.details?.offset as number
      expect(offset >= 0 && offset <= text.length, `${JSON.stringify(text)} at ${offset}`).toBe(true)
      expect(error.message).toContain('^')
    }
  }
  expect(parsed).toBeGreaterThan(500)
})

test('resolving is asked once per mention, and its error is what the caller gets', () => {
  const asked: string[] = []
  const resolve = ({ name }: { name: string }) => {
    asked.push(name)
    if (name === 'missing') throw new RangeError('no such adapter')
    return { ref: name, digest: `sha256:${name}`, sites: ['keyValue'] }
  }
  canonical(parse('a + 0*b + mix(c, a)'), resolve)
  expect(asked).toEqual(['a', 'b', 'c', 'a'])
  expect(() => canonical(parse('a + missing'), resolve)).toThrow('no such adapter')
})
