import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { DEAD } from './automaton/automaton.ts'
import { automatonOf } from './grammar.ts'

const matcher = (regex: string) => {
  const automaton = automatonOf({ type: 'regex', regex })
  return (text: string): boolean => {
    let state = automaton.start
    for (const byte of new TextEncoder().encode(text)) state = automaton.next(state, byte)
    return state !== DEAD && automaton.isComplete(state)
  }
}

test.each([
  'a+b?c*',
  '(a|ab)(c|bcd)(d*)',
  '[a-c]{2,3}|d{2}',
  '[^a-y]\\d\\D',
  '\\w+\\s\\W',
  '(?:a(?:b|é)){1,2}🙂?',
  '[à-ü🙂-🙆]+',
  '.*b.',
  '^a|b$',
  '(a*)*b',
  '((a?){3}){2}',
  '[\\u{1F600}-\\u{1F602}é]',
])('%s matches what JavaScript matches', (source) => {
  const ours = matcher(source)
  const theirs = new RegExp(`^(?:${source})$`, 'u')
  const random = new Random(source)
  const alphabet = ['a', 'a', 'b', 'c', 'd', 'z', '1', ' ', '\n', '_', 'é', 'à', '🙂', '😀', '🙆', '\u2028']
  let matched = 0
  for (let n = 0; n < 3000; n++) {
    const text = Array.from({ length: Math.floor(random.uniform() * 7) }, () => alphabet[Math.floor(random.uniform() * alphabet.length)]).join('')
    expect({ text, matches: ours(text) }).toEqual({ text, matches: theirs.test(text) })
    if (theirs.test(text)) matched++
  }
  expect(matched).toBeGreaterThan(0)
})

test.each(['(?=a)b', 'a(?<!b)', '(a)\\1', '\\bword', '\\p{L}', 'a^b', '(', '[b-a]', '(?i:a)'])('%s is refused', (regex) => {
  expect(() => automatonOf({ type: 'regex', regex })).toThrow(expect.objectContaining({ code: 'unsupported_regex', status: 400 }))
})

test('a grammar that would hold everybody up is refused, and not walked', () => {
  const automaton = automatonOf({ type: 'regex', regex: '(a|b)*a(a|b){30}(a|b)*b(a|b){30}' })
  const random = new Random('long')
  expect(() => {
    let state = automaton.start
    for (let n = 0; n < 1_000_000; n++) state = automaton.next(state, random.uniform() < 0.5 ? 0x61 : 0x62)
  }).toThrow(expect.objectContaining({ code: 'grammar_too_complex' }))
})
