import { expect, test } from 'vitest'
import { rateLimitHeaders } from './rate-limit-headers.ts'

test.each([
  [20, '20ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [360_000, '6m0s'],
  [3_600_000, '1h0m0s'],
  [86_399_000, '23h59m59s'],
])('%d ms are %s', (resetMs, expected) => {
  expect(rateLimitHeaders({ tokens: { limit: 9, remaining: 4, resetMs } })).toEqual([
    ['x-ratelimit-limit-tokens', '9'],
    ['x-ratelimit-remaining-tokens', '4'],
    ['x-ratelimit-reset-tokens', expected],
  ])
})
