import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const names = ['style/speech', 'style/whale', 'mail/spam', 'mail/spam@2', 'tone/friendly', 'prefix-tuning', 'prompt-tuning']

test.each([
  ['style/speach', ['style/speech']],
  ['style/spech', ['style/speech']],
  ['stlye/whale', ['style/whale']],
  ['speech', ['style/speech']],
  ['Mail/Spam', ['mail/spam', 'mail/spam@2']],
  ['spam', ['mail/spam', 'mail/spam@2']],
  ['prompttuning', ['prompt-tuning']],
  ['zebra', []],
])('%s → %j', (name, expected) => expect(nearest(name, names)).toEqual(expected))

test('a name of thousands of characters is near nothing, at no cost', () => {
  expect(
    nearest(
      'n'.repeat(8000),
      Array.from({ length: 20_000 }, (_, i) => `style/n${i}`),
    ),
  ).toEqual([])
})

test('at most a few are named', () => {
  expect(
    nearest(
      'a1',
      Array.from({ length: 100 }, (_, i) => `a${i}`),
    ),
  ).toHaveLength(3)
})
