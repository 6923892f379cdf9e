import { parse, splitModel } from '@weft/adapters'
import { expect, test } from 'vitest'
import type { Policy } from '../wire/policy/policy.ts'
import { askedOf } from './asked.ts'
import { contradictionsOfRoute } from './check-route.ts'
import { contradictionsOf } from './contradictions.ts'
import { matches } from './name-pattern.ts'
import { refusalsOf } from './refusals.ts'

const asked = (expression: string) => askedOf(splitModel(parse(expression), ['base'], 'base').rest)
const refusing = (policy: Policy, expression: string, more: object = {}) =>
  refusalsOf(policy, { ...asked(expression), ...more }, 'tenant').map(({ rule, message }) => `${rule}: ${message}`)

test.each([
  ['style/*', 'style/speech', true],
  ['style/*', 'style/', true],
  ['style/*', 'styles/speech', false],
  ['*', 'a/b/c', true],
  ['*/legal', 'domain/eu/legal', true],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'aXbY', false],
  ['a', 'ab', false],
  ['', '', true],
])('"%s" and "%s"', (pattern, name, expected) => expect(matches(pattern, name)).toBe(expected))

test('a pattern of many stars takes no longer than its product with the name', () => {
  expect(matches(`${'*a'.repeat(60)}b`, 'a'.repeat(5000))).toBe(false)
})

test('what never stands together is found in lists of hundreds', () => {
  const listed = Array.from({ length: 256 }, (_, n) => `team/member-${n}/*`)
  expect(refusing({ neverTogether: Array.from({ length: 256 }, () => listed) }, 'base + mail/spam + style/speech')).toEqual([])
  expect(refusing({ neverTogether: [Array.from({ length: 256 }, () => '*')] }, `base + ${listed.slice(0, 60).join(' + ').replaceAll('*', 'a')}`)).toHaveLength(
    1,
  )
})

test.each<[Policy, string, string[]]>([
  [{ allow: ['style/*'] }, 'base + style/speech + 0.5*mail/spam', ['allow: "mail/spam" is not among the adapters that are allowed (style/*)']],
  [
    { allow: Array.from({ length: 256 }, (_, n) => `team-${n}/*`) },
    'base + mail/spam',
    [`allow: "mail/spam" is not among the adapters that are allowed (${[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `team-${n}/*`).join(', ')} and 248 more)`],
  ],
  [{ allow: [] }, 'base + "free text"', []],
  [{ allow: ['style/*'], deny: ['style/whale'] }, 'base + style/speech@2 + style/whale', ['deny: "style/whale" is denied']],
  [{ deny: ['mail/*'] }, 'base + experts(style/speech, mail/spam)', ['deny: "mail/spam" is denied by "mail/*"']],
  [{ deny: ['mail/*'] }, 'base + 0*mail/spam', []],
  [{ neverTogether: [['style/*', 'mail/*']] }, 'base + mix(0.5*style/a, 0.5*mail/b)', ['never_together: "style/a" and "mail/b" never stand together']],
  [{ neverTogether: [['style/*', 'mail/*']] }, 'base + style/a + style/b', []],
  [{ strength: { max: 1 } }, 'base + 2*(style/a + 0.5*style/b)', ['strength: style/a has the strength 2; at most 1 is allowed']],
  [{ strength: { min: 0 } }, 'base + product(a, -0.5*b)', ['strength: b has the strength -0.5; at least 0 is allowed']],
  [{ maxOperands: 1 }, 'base + experts(a, b)', ['max_operands: 2 compositions meet at the output; at most 1 may']],
  [{ maxTerms: 1 }, 'base + a + "x"', ['max_terms: the expression has 2 adapters and texts; at most 1 are allowed']],
  [{ text: false }, 'base + a + "x"', ['text: no text may stand in an expression, and "x" does']],
  [{ maxTerms: 0, text: true }, 'base', []],
])('%j of %s', (policy, expression, expected) => expect(refusing(policy, expression)).toEqual(expected))

test('every rule that refuses is told, in one order', () => {
  const policy: Policy = { allow: ['style/*'], strength: { max: 1 }, maxTerms: 1, text: false, maxVirtualTokens: 10, maxTokens: 5 }
  const found = refusing(policy, 'base + 2*mail/spam + "x"', { virtualTokens: 11, maxTokens: 6 })
  expect(found.map((line) => line.split(':')[0])).toEqual(['allow', 'strength', 'max_virtual_tokens', 'max_terms', 'text', 'max_tokens'])
})

test.each<[Policy, string]>([
  [{ strength: { min: 2, max: 1 } }, 'strength'],
  [{ allow: ['style/*', 'mail/spam'], deny: ['mail/*'] }, 'allow[1]'],
  [{ allow: ['a'], deny: ['a'] }, 'allow[0]'],
  [
    {
      neverTogether: [
        ['a', 'b'],
        ['c', 'd', 'c'],
      ],
    },
    'never_together[1][2]',
  ],
  [{ neverTogether: [['style/*', 'style/a']] }, 'never_together[0][1]'],
  [{ maxTokens: 10, tokensPerDay: 9 }, 'max_tokens'],
  [{ tokensPerMinute: 10, tokensPerDay: 9 }, 'tokens_per_minute'],
  [{ requestsPerMinute: 10, requestsPerDay: 9 }, 'requests_per_minute'],
])('%j contradicts itself at %s', (policy, path) => expect(contradictionsOf(policy)).toMatchObject([{ path }]))

test('one that only narrows does not', () => {
  expect(contradictionsOf({ allow: ['style/*'], deny: ['style/whale'], strength: { min: 1, max: 1 }, neverTogether: [['a', 'b']], tokensPerDay: 5 })).toEqual(
    [],
  )
})

test('a route is refused where its own policy refuses it, its variants and its defaults', () => {
  const route = {
    variants: [
      { name: 'stable', composition: 'base + style/a', weight: 9 },
      { name: 'canary', composition: 'base + mail/b', weight: 1 },
    ],
    defaults: { maxTokens: 20 },
    policy: { allow: ['style/*'], maxTokens: 10 },
  }
  expect(contradictionsOfRoute(route, ['base']).map(({ path }) => path)).toEqual(['defaults.max_tokens', 'variants[1].composition'])
  expect(contradictionsOfRoute({ ...route, policy: { allow: ['style/*', 'mail/b'], maxTokens: 20 } }, ['base'])).toEqual([])
})

test.each([
  [{}, 'composition'],
  [{ composition: 'base', variants: [{ name: 'a', composition: 'base', weight: 1 }] }, 'composition'],
  [{ variants: [{ name: 'a', composition: 'base', weight: 0 }] }, 'variants'],
  [
    {
      variants: [
        { name: 'a', composition: 'base', weight: 1 },
        { name: 'a', composition: 'base', weight: 1 },
      ],
    },
    'variants[1].name',
  ],
  [{ composition: 'base', policy: { weight: 2, priority: 3 } }, 'policy.weight'],
])('%j is refused at %s', (route, path) => expect(contradictionsOfRoute(route, ['base'])).toMatchObject([{ path }]))
