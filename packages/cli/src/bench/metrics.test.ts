import { expect, test } from 'vitest'
import { perplexity, verdicts } from './metrics.ts'

test('accuracy, balanced accuracy and F1', () => {
  // 1 of 2 spam found, 3 of 4 ham left alone: accuracy 4/6, recalls 1/2 and 3/4, F1 = 2·1/(2·1 + 1 + 1)
  const truth = ['spam', 'spam', 'ham', 'ham', 'ham', 'ham']
  const judged = ['spam', 'ham', 'ham', 'ham', 'spam', 'ham']
  expect(verdicts(truth, judged, 'spam')).toEqual({ accuracy: 4 / 6, balancedAccuracy: 0.625, f1: 0.5 })
})

test('a judge that never says spam has no F1', () => {
  expect(verdicts(['spam', 'ham'], ['ham', 'ham'], 'spam')).toEqual({ accuracy: 0.5, balancedAccuracy: 0.5, f1: 0 })
})

test('perplexity is over all tokens, not over texts', () => {
  expect(
    perplexity([
      { tokens: 1, logprob: -Math.log(2) },
      { tokens: 3, logprob: -3 * Math.log(8) },
    ]),
  ).toBeCloseTo(2 ** (10 / 4), 10)
})
