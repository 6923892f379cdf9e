import { expect, test } from 'vitest'
import { LogitAdjuster, type LogitAdjustments } from './adjust-logits.ts'

const adjusted = (adjustments: LogitAdjustments, prompt: number[], answered: number[], logits: number[]): number[] => {
  const adjuster = new LogitAdjuster(adjustments, prompt)
  for (const token of answered) adjuster.count(token)
  return [...adjuster.adjust(Float32Array.from(logits))]
}

test('a repetition penalty weakens tokens of prompt and answer, on either side of zero', () =>
  expect(adjusted({ repetitionPenalty: 2 }, [0, 1], [2, 2], [4, -4, 2, 3])).toEqual([2, -8, 1, 3]))

test('presence counts once, frequency each time, and the prompt does not count', () => {
  expect(adjusted({ presencePenalty: 1 }, [0], [1, 1], [5, 5, 5])).toEqual([5, 4, 5])
  expect(adjusted({ frequencyPenalty: 0.5 }, [0], [1, 1, 2], [5, 5, 5])).toEqual([5, 4, 4.5])
  expect(adjusted({ presencePenalty: -1, frequencyPenalty: -1 }, [], [0], [1, 1])).toEqual([3, 1])
})

test('a bias comes last', () => expect(adjusted({ repetitionPenalty: 2, logitBias: new Map([[1, -100]]) }, [1], [], [1, 4])).toEqual([1, -98]))

test('neutral values leave the logits as they are, and given logits are never changed', () => {
  const logits = Float32Array.of(1, 2)
  expect(new LogitAdjuster({ repetitionPenalty: 1, presencePenalty: 0, logitBias: new Map() }, [0]).adjust(logits)).toBe(logits)
  new LogitAdjuster({ repetitionPenalty: 2 }, [0]).adjust(logits)
  expect([...logits]).toEqual([1, 2])
})
