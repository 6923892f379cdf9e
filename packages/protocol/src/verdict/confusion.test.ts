import { expect, test } from 'vitest'
import { scoreConfusion } from './confusion.ts'

test('accuracy, balanced accuracy and macro F1 of a lopsided classifier', () => {
  // 8 of 10 hams right, 1 of 2 spams: recalls 0.8 and 0.5; F1 16/19 and 2/5
  expect(
    scoreConfusion(
      [
        [8, 2],
        [1, 1],
      ],
      ['ham', 'spam'],
    ),
  ).toEqual({
    accuracy: 9 / 12,
    balanced_accuracy: 0.65,
    f1: (16 / 19 + 2 / 5) / 2,
    'rows.ham': 10,
    'correct.ham': 8,
    'rows.spam': 2,
    'correct.spam': 1,
  })
})

test('a class that does not occur is left out of the means', () => {
  expect(
    scoreConfusion(
      [
        [3, 1],
        [0, 0],
      ],
      ['a', 'b'],
    ),
  ).toMatchObject({ accuracy: 0.75, balanced_accuracy: 0.75, f1: 6 / 7 })
})
