import { expect, test } from 'vitest'
import { verdictOfTrainer } from './verdict.ts'

test('a loss on held-out rows that is no number is told as that, and not as rows that tell nothing', () => {
  const trained = { steps: 10, loss: 2, bestStep: null, stoppedEarly: false, trainedTokens: 800, trainingLoss: 1.9, epochs: 2, repeated: 0 }
  const { outcome, findings } = verdictOfTrainer({ ...trained, rows: { training: 90, heldOut: 40, truncated: 0 }, level: 0.3 }, { labels: [], maxLength: 62 })
  expect(outcome).toBe('unmeasured')
  expect(findings.map(({ code }) => code)).toContain('held_out_loss_not_finite')
  expect(findings.map(({ code }) => code)).not.toContain('nothing_measured')
})
