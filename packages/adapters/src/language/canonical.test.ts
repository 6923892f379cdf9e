import { describe, expect, test } from 'vitest'
import { checkPositions } from '../composition/check-positions.ts'
import { canonical, type ResolvedAdapter } from './canonical.ts'
import { compositionKey } from './key.ts'
import { limits } from './limits.ts'
import { adapterRefs, splitModel } from './model-term.ts'
import { parse } from './parse.ts'

const adapters: Record<string, Omit<ResolvedAdapter, 'ref'>> = {
  prompt: { digest: 'sha256:9prompt', sites: ['inputsEmbeds'], shared: { inputsEmbeds: 'sha256:trunk' } },
  prefix: { digest: 'sha256:2prefix', sites: ['keyValue'] },
  other: { digest: 'sha256:1other', sites: ['keyValue'] },
  branch: { digest: 'sha256:5branch', sites: ['promptDelta'], shared: { promptDelta: 'sha256:trunk' } },
  twig: { digest: 'sha256:4twig', sites: ['promptDelta'], shared: { promptDelta: 'sha256:trunk' } },
  spam: { digest: 'sha256:7spam', sites: ['head', 'inputsEmbeds'], shared: { inputsEmbeds: 'sha256:spam' } },
  bare: { digest: 'sha256:8bare', sites: ['head'] },
}
const form = (text: string) => canonical(parse(text), ({ name }) => ({ ref: name, ...adapters[name] }))
const spelled = (text: string): string => form(text).text.replaceAll('sha256:', '')

describe('canonical', () => {
  test.each([
    ['prompt', '9prompt'],
    ['prefix + other', '1other + 2prefix'],
    ['prefix + prompt + other', '9prompt + 1other + 2prefix'],
    ['prefix + "hi" + prompt', '"hi" + 9prompt + 2prefix'],
    ['0.5*(prefix + 2*prompt)', '9prompt + 0.5*2prefix'],
    ['2*0.25*prefix', '0.5*2prefix'],
    ['prefix + 0*prompt', '2prefix'],
    ['0*(prompt + "x" + mix(prefix, other))', ''],
    ['""', ''],
    ['branch + "x" + twig', '4twig + 5branch + "x"'],
    ['branch + prompt', '9prompt + 5branch'],
    ['branch + spam + 2*twig', '2*4twig + 5branch + 7spam'],
    ['prompt + prompt + branch', '9prompt + 5branch + 9prompt'],
    ['-1*branch', '-1*5branch'],
    ['mix(0.5*prefix, 0.5*other)', 'mix(0.5*1other, 0.5*2prefix)'],
    ['mix(0.5*other, 0.5*prefix)', 'mix(0.5*1other, 0.5*2prefix)'],
    ['mix(-1*prefix, 2*other)', 'mix(-1*2prefix, 2*1other)'],
    ['mix(prompt)', '9prompt'],
    ['3*mix(1*prefix, 0*other)', '3*2prefix'],
    ['mix(2*prefix)', 'mix(2*2prefix)'],
    ['2*mix(prefix, other) + prompt', '9prompt + 2*mix(1other, 2prefix)'],
    ['mix(0.5*(prefix + other), 0.5*mix(prefix, other))', 'mix(0.5*(1other + 2prefix), 0.5*mix(1other, 2prefix))'],
    ['mix(0.5*(2*prefix + other), other)', 'mix(0.5*(1other + 2*2prefix), 1other)'],
    ['mix(branch, twig) + prompt', '9prompt + mix(4twig, 5branch)'],
    ['0.1*0.2*prefix', '0.020000000000000004*2prefix'],
    ['1e-7*prefix', '1e-7*2prefix'],
  ])('%s is %s', (text, expected) => expect(spelled(text)).toBe(expected))

  test('canonical text is a fixed point', () => {
    // Its digests, read as names again, give the same text.
    const text = 'prompt + 0.5*(prefix + mix(0.5*other, 0.5*prefix)) + "x"'
    const named = form(text).text.replace(/sha256:\d(\w+)/g, '$1')
    expect(form(named).text).toBe(form(text).text)
  })

  test.each([
    ['-1*prefix', 'invalid_strength'],
    ['0.5*(-1*prompt)', 'invalid_strength'],
    ['-1*"text"', 'invalid_strength'],
    ['-1*mix(prefix, other)', 'invalid_strength'],
    ['1e999*branch', 'invalid_strength'],
    ['1e300*branch', 'invalid_strength'],
    ['-1000001*branch', 'invalid_strength'],
    ['1e4*(1e4*branch)', 'invalid_strength'],
    ['mix(1e300*prefix)', 'invalid_strength'],
    ['1e200*1e200*prefix', 'invalid_strength'],
    ['mix(1e999*prefix)', 'invalid_strength'],
    ['0*1e999*prefix', 'invalid_strength'],
    ['1e-999*prefix', 'invalid_strength'],
    ['prefix + -0.001e-400*branch', 'invalid_strength'],
    ['mix(1e-999*prefix, other)', 'invalid_strength'],
    ['1e-200*1e-200*prefix', 'invalid_strength'],
    ['1e-200*(1e-200*prefix + other)', 'invalid_strength'],
    ['0.5*spam', 'strength_not_supported'],
    ['2*mix(spam)', 'strength_not_supported'],
    ['spam + bare', 'stack_not_supported'],
    ['spam + spam', 'stack_not_supported'],
    ['mix(0.5*"a", 0.5*"b")', 'mix_not_supported'],
    ['mix(0.5*spam, 0.5*bare)', 'mix_not_supported'],
    [
      Array(limits.terms + 1)
        .fill('prefix')
        .join(' + '),
      'too_many_terms',
    ],
  ])('%s is refused', (text, code) => expect(() => form(text)).toThrow(expect.objectContaining({ code, status: 400 })))

  test('the key depends on model, text and tenant', async () => {
    const keys = await Promise.all([
      compositionKey('f', form('prompt')),
      compositionKey('g', form('prompt')),
      compositionKey('f', form('prefix')),
      compositionKey('f', form('prompt'), 't'),
      compositionKey('f', form('1*prompt + 0*prefix')),
    ])
    expect(new Set(keys).size).toBe(4)
    expect(keys[4]).toBe(keys[0])
    expect(keys[0]).toMatch(/^sha256:[0-9a-f]{64}$/)
  })
})

describe('the model in an expression', () => {
  const split = (text: string) => splitModel(parse(text), ['base', 'smollm2'], 'base')

  test('is the first term, or the default', () => {
    expect(split('base')).toEqual({ model: 'base', rest: null })
    expect(split('smollm2 + a')).toMatchObject({ model: 'smollm2', rest: { name: 'a' } })
    expect(split('a + b')).toMatchObject({ model: 'base', rest: { kind: 'sum' } })
    expect(split('base + a + 2*b').rest).toMatchObject({ kind: 'sum', terms: [{ name: 'a' }, { weight: 2 }] })
    expect(split('base@1')).toMatchObject({ model: 'base', rest: { name: 'base', version: 1 } })
  })

  test.each(['a + base', '0.5*base', 'base + smollm2', 'mix(base, a)'])('%s is refused', (text) => {
    expect(() => split(text)).toThrow(expect.objectContaining({ code: 'model_not_first' }))
  })

  test('every adapter named is found', () => {
    expect(adapterRefs(parse('a + 2*(b@1 + "t") + mix(c, 0*d)')).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd'])
  })
})

test('positions: everything counts, and the error names the parts', () => {
  const model = { maxPositions: 100 }
  expect(checkPositions({ rows: 20, longestPrefix: 30, text: 5, prompt: 40, completion: 5 }, model)).toBe(100)
  expect(() => checkPositions({ rows: 20, longestPrefix: 30, text: 5, prompt: 40, completion: 6 }, model)).toThrow(
    expect.objectContaining({
      code: 'context_length_exceeded',
      message: expect.stringMatching(/101 positions .* 100: 20 virtual tokens, 30 for the longest prefix, 5 .* 40 of the prompt, 6 to generate/),
    }),
  )
})
