import { expect, test } from 'vitest'
import { refuseSame } from './same-composition.ts'

const at = (digit: string, ...sites: string[]) => ({ digest: `sha256:${digit.repeat(64)}`, manifest: { sites } })
const adapters = new Map([
  ['a@1', at('e', 'keyValue')],
  ['a@2', at('a', 'keyValue')],
  ['a', at('a', 'keyValue')],
  ['b', at('b', 'keyValue')],
  ['soft', at('c', 'inputsEmbeds')],
  ['rows', at('d', 'inputsEmbeds')],
])
const asked = (...expressions: string[]) => refuseSame(expressions, adapters)

test('what comes to the same is refused, and named with what it is', () => {
  expect(() => asked('a + b', 'soft + a', 'b + a')).toThrow('"b + a" is "a + b" over again, and would be measured the same; say it once.')
  expect(() => asked('2*(a + b)', 'base + 2*b + 2*a')).toThrow('over again')
  expect(() => asked('a + b', 'a@2 + b')).toThrow('over again')
  expect(() => asked('experts(a, b)', 'experts(b, a)')).toThrow('over again')
})

test('what differs in order where order counts, in strength, or in what is asked about, is not the same', () => {
  asked('a@1 + b', 'soft + rows', 'rows + soft', 'a + b', 'a + 0.5*b', 'a + 0*b', 'a + 0*soft', 'experts(a, b)')
})
