import { expect, test } from 'vitest'
import { metricsOfTrainer, verdictOfTrainer } from './verdict.ts'

test('a loss on held-out rows that is no number is told as that, and not as rows that tell nothing', () => {
  const trained = { steps: 10, loss: 2, bestStep: null, stoppedEarly: false, trainedTokens: 800, trainingLoss: 1.9, epochs: 2, repeated: 0 }
  const { outcome, findings } = verdictOfTrainer({ ...trained, rows: { training: 90, heldOut: 40, truncated: 0 }, level: 0.3 }, { labels: [], maxLength: 62 })
  expect(outcome).toBe('unmeasured')
  expect(findings.map(({ code }) => code)).toContain('held_out_loss_not_finite')
  expect(findings.map(({ code }) => code)).not.toContain('nothing_measured')
})

test('rows that were set aside and teach nothing are not told as too few', () => {
  const trained = { steps: 10, loss: 2, bestStep: null, stoppedEarly: false, trainedTokens: 800, trainingLoss: 1.9, epochs: 2, repeated: 0, unlearned: 1 }
  const result = { ...trained, rows: { training: 9, heldOut: 0, truncated: 0 }, level: 0.3 }
  const messageOf = (setAside: boolean) => verdictOfTrainer(result, { labels: [], maxLength: 62, setAside }).findings[0]!.message
  expect(messageOf(true)).toBe('Nothing was measured: of the rows that were set aside nothing can be learned.')
  expect(messageOf(false)).toBe('Nothing was measured: 9 rows are too few to set any aside.')
})

test('rows that the trainer left out are told', () => {
  const trained = { steps: 10, loss: 2, bestStep: null, stoppedEarly: false, trainedTokens: 800, trainingLoss: 1.9, epochs: 2, repeated: 0, leftOut: 1 }
  const { findings } = verdictOfTrainer({ ...trained, rows: { training: 9, heldOut: 0, truncated: 0 } }, { labels: [], maxLength: 62 })
  expect(findings.find(({ code }) => code === 'rows_left_out')!.message).toBe('1 row was left out: it weighs 0, or nothing in it can be learned.')
})

test('a perplexity that no file holds is left out, and the loss that it is of is told', () => {
  const trained = { steps: 10, loss: 790, bestStep: 10, stoppedEarly: false, trainedTokens: 800, trainingLoss: 795, epochs: 2, repeated: 0 }
  const heldOut = { weights: [10, 10], adapter: [8000, 8000], base: [30, 30] }
  const result = { ...trained, rows: { training: 90, heldOut: 40, truncated: 0 }, heldOutLoss: 800, heldOut }
  expect(metricsOfTrainer(result, [])).toEqual({ loss: 800 })
  const { metrics, baselines } = verdictOfTrainer(result, { labels: [], maxLength: 62 })
  expect(metrics).toEqual({ loss: 800 })
  expect(baselines[0]!.metrics).toEqual({ loss: 3, perplexity: Math.exp(3) })
})
