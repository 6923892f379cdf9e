import type { Baseline } from '@weft/adapters'
import { expect, test } from 'vitest'
import { verdictOf } from './verdict.ts'

/** Of a language model whose held-out loss is 11.049. */
const verdictBeside = (baselines: readonly Baseline[], measured: Partial<Parameters<typeof verdictOf>[0]> = {}) =>
  verdictOf({
    score: 'loss',
    metrics: { loss: 11.049 },
    baselines: [...baselines],
    trainingLoss: 11,
    rows: { training: 400, heldOut: 40, truncated: 0 },
    steps: 60,
    bestStep: 30,
    stoppedEarly: false,
    labels: [],
    classes: {},
    maxLength: 128,
    repeated: 0,
    epochs: 1,
    ...measured,
  })

const base = (loss: number, standardError: number | null): Baseline => ({ name: 'base', metrics: { loss }, gain: loss - 11.049, standardError })

test.each([
  ['on batches enough for a standard error', 0.1],
  ['far beyond chance on a batch or two', null],
])('what is worse than the bare base is called so: %s', (_, standardError) => {
  const { outcome, summary, findings } = verdictBeside([base(5.938, standardError)])
  expect(outcome).toBe('worse')
  expect(summary).toBe('Loss 11.049 on 40 held-out rows; the bare base 5.938: worse than the bare base.')
  const [found] = findings
  expect(found).toMatchObject({ code: 'no_better_than_baseline', message: 'Its loss of 11.049 is worse than the bare base (5.938).' })
  expect(found!.next).toContain('a lower one')
})

test.each([
  ['within two standard errors', 10.9, 0.1],
  ['a little, on a batch or two', 10.9, null],
  ['better, on a batch or two', 14, null],
])('what may be chance is not called worse, nor better: %s', (_, loss, standardError) => {
  const { outcome, summary, findings } = verdictBeside([base(loss, standardError)])
  expect(outcome).toBe('unclear')
  expect(summary).toMatch(/: not clearly better\.$/)
  expect(findings[0]!.message).toContain('is not clearly better than the bare base')
})

test('each baseline is told by how it stands to it', () => {
  const { summary, findings } = verdictBeside([base(5.938, 0.1), { ...base(11.04, 0.1), name: 'beneath' }])
  expect(summary).toMatch(/: worse than the bare base\.$/)
  expect(findings[0]!.message).toBe('Its loss of 11.049 is worse than the bare base (5.938) and not clearly better than what lies beneath alone (11.040).')
})

test('what a few rows say by chance is no ground to change a setting', () => {
  const few = { rows: { training: 18, heldOut: 2, truncated: 0 }, bestStep: 60 }
  const { summary, findings: unclear } = verdictBeside([base(10.9, null)], few)
  expect(summary).toBe('Loss 11.049 on 2 held-out rows; the bare base 10.900: too few rows to tell.')
  expect(unclear.find(({ code }) => code === 'no_better_than_baseline')!.next).toBe(
    'So few held-out rows can not tell: hold out more before a setting is changed for it.',
  )
  expect(unclear.find(({ code }) => code === 'best_at_last_step')).not.toHaveProperty('next')
  const turned = verdictBeside([base(14, null)], { ...few, bestStep: 30, bestLoss: 11, lastLoss: 12 }).findings
  expect(turned.find(({ code }) => code === 'overfitting')!.next).toBe('More rows help most, and tell it from chance.')
  // It leads by far all the same, which is said.
  const saidOf = (loss: number) => verdictBeside([base(loss, null)], few).findings.find(({ code }) => code === 'no_better_than_baseline')!.message
  expect(saidOf(14)).toBe('Its loss of 11.049 is better than the bare base (14.000), on too few held-out rows to be sure.')
  expect([10.9, 11.049].map(saidOf)).toEqual([10.9, 11.049].map((loss) => `Its loss of 11.049 is not clearly better than the bare base (${loss.toFixed(3)}).`))
  // Of many rows it is none, and what is far worse is so on two.
  expect(verdictBeside([base(10.9, 0.1)]).findings[0]!.next).toContain('learning_rate')
  expect(verdictBeside([base(5.938, null)], few).findings[0]!.next).toContain('a lower one')
})

test('a settlement is advised what its request can say, and nothing else', () => {
  const fields = ['n_epochs', 'max_steps', 'max_length', 'rows', 'method', 'validation', 'virtual tokens']
  const measured = { settled: true, rows: { training: 18, heldOut: 2, truncated: 5 }, epochs: 0.5, trainingLoss: 1, repeated: 1, learnedBefore: 1 }
  for (const [baseline, advice] of [
    [base(10.9, null), ''],
    [base(5.938, 0.1), 'a lower weight'],
  ] as const) {
    const { findings } = verdictBeside([baseline], measured)
    expect(findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['no_better_than_baseline', 'few_held_out_rows', 'overfitting', 'rows_not_seen', 'held_out_rows_learned_before']),
    )
    for (const { code, next = '' } of findings)
      expect(
        fields.filter((field) => next.includes(field)),
        code,
      ).toEqual([])
    // What may be chance is no reason to change a setting.
    expect(findings[0]!.next ?? '').toContain(advice)
    expect(findings[0]!.next === undefined).toBe(advice === '')
  }
})

test('a settlement says how silent the adapter has become, and warns where it has not', () => {
  const silence = (before: number, after: number) => {
    const verdict = verdictBeside([base(14, 0.1)], { settled: true, silence: { before, after } })
    expect(verdict.silence).toEqual({ before, after })
    return verdict.findings.find(({ message }) => message.startsWith('Where the others answer'))
  }
  expect(silence(0.8125, 0.0625)).toEqual({
    code: 'silence',
    level: 'info',
    message: 'Where the others answer, its mean KL to the base is 0.063 nats a token; before it was settled, 0.813.',
  })
  expect(silence(0.25, 0.5)).toMatchObject({
    code: 'no_more_silent',
    level: 'warn',
    next: expect.stringMatching(/^A larger weight makes .+ train it further by itself first\.$/),
  })
  expect(verdictBeside([base(14, 0.1)])).not.toHaveProperty('silence')
})

test('a settlement says what the adapter keeps of its own task, and warns where it has clearly lost', () => {
  const kept = (before: number, gain: number, rows = {}) =>
    verdictBeside([base(14, 0.1)], { settled: true, before: { metrics: { loss: before }, gain, standardError: 0.01 }, ...rows }).findings.filter(({ code }) =>
      code.endsWith('_in_settling'),
    )
  const { metrics, baselines } = verdictBeside([base(14, 0.1)])
  const [own, bare] = [metrics.loss!, baselines[0]!.metrics.loss!]
  expect(kept(own, 0)).toEqual([
    {
      code: 'kept_in_settling',
      level: 'info',
      message: `Alone its loss is ${own.toFixed(3)}, and was ${own.toFixed(3)} before it was settled: it keeps 100 % of what that gained over the bare base.`,
    },
  ])
  const twice = bare - 2 * (bare - own)
  const lost = { code: 'lost_in_settling', level: 'warn', message: expect.stringContaining('it keeps 50 %'), next: expect.stringContaining('a lower weight') }
  expect(kept(twice, twice - own)).toEqual([lost])
  // What had gained nothing has nothing to keep.
  expect(kept(bare + 1, 1)[0]!.message).toMatch(/before it was settled\.$/)
})

test('labels that differ only by case or by blanks are named', () => {
  const of = (...labels: string[]) =>
    verdictBeside([base(14, 0.1)], { labels, classes: Object.fromEntries(labels.map((label) => [label, { training: 40, heldOut: 8, found: 8 }])) }).findings
  expect(of('Ham', 'ham', 'ham ', 'spam')).toContainEqual({
    code: 'labels_alike',
    level: 'warn',
    message: 'The labels "Ham" and "ham" and "ham " differ only by case or by blanks, and are classes of their own.',
    next: 'Where they mean the same, spell them alike in every row.',
  })
  expect(of('ham', 'hams', 'a b', 'ab').map(({ code }) => code)).not.toContain('labels_alike')
})

test('labels of the longest, in quotes that are written as two characters, are told as far as a file holds it', () => {
  const labels = Array.from({ length: 5 }, (_, i) => `${'"'.repeat(256)}/${i}${'"'.repeat(255)}`)
  const { findings } = verdictBeside([], {
    score: 'accuracy',
    metrics: { accuracy: 0.5 },
    labels,
    classes: Object.fromEntries(labels.map((label) => [label, { training: 3, heldOut: 3, found: 0 }])),
  })
  const lost = findings.find(({ code }) => code === 'class_never_found')!
  expect([lost.level, lost.message.length]).toEqual(['warn', 4096])
  expect(lost.message.startsWith('No held-out row with the label ')).toBe(true)
})
