import { readAdapter, type Verdict } from '@weft/adapters'
import { createChat } from '@weft/model/tokenizer/chat'
import { heldOutPlaces, splitHeldOut, type TrainingSpec, trainingSpecSchema } from '@weft/protocol'
import { lettersHost } from '@weft/test/models/letters-host'
import { letters } from '@weft/test/models/letters-llama'
import { expect, test } from 'vitest'
import { rowTokenizer } from '../data/row-tokenizer.ts'
import { tokenizeRows } from '../data/tokenize-rows.ts'
import type { TrainingEvent } from '../run/events.ts'
import { runTraining, type TrainingFiles, type TrainingHost } from '../run/job.ts'

const host = lettersHost()

const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')

const specOf = (overrides: Record<string, unknown>, hyperparameters: Record<string, unknown>): TrainingSpec =>
  trainingSpecSchema.parse({
    jobId: 'j',
    name: 'style/test',
    model: { name: 'base', fingerprint: host().model.fingerprint },
    method: 'prefix-tuning',
    config: { numVirtualTokens: 4 },
    task: 'CAUSAL_LM',
    hyperparameters: { batchSize: 4, maxSteps: 60, evalEvery: 10, learningRate: 0.05, ...hyperparameters },
    seed: 5,
    ...overrides,
  })

const trained = async (
  overrides: Record<string, unknown>,
  hyperparameters: Record<string, unknown>,
  files: TrainingFiles,
  onEvent: (event: TrainingEvent) => void = () => {},
): Promise<Verdict> => {
  const spec = specOf(overrides, hyperparameters)
  const { adapter, verdict } = await runTraining(spec, files, { ...host(), onEvent })
  const { manifest } = await readAdapter(adapter)
  expect(manifest.training?.verdict).toEqual(verdict)
  return verdict
}

const codes = ({ findings }: Verdict): string[] => findings.map(({ code }) => code)
const gainOver = ({ baselines }: Verdict, name: string): number => baselines.find((one) => one.name === name)!.gain
const pick = <T>(values: readonly T[], i: number): T => values[i % values.length]

const words = ['the whale', 'a boat and thread', 'weft', 'warp and waves', 'sea', 'speech of state', 'spam', 'ham and eggs', 'loom', 'salt']
const sentences = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({ text: `${pick(words, i)} ${pick(words, 3 * i + Math.floor(i / 10))}.` }))

const labelled = (count: number, labels: readonly string[]): object[] =>
  Array.from({ length: count }, (_, i) => {
    const label = pick(labels, i)
    return { text: `${pick(words, i + Math.floor(i / labels.length))} ${label.slice(0, 2).repeat(2)}`, label }
  })

test('one that learns is better than the bare base on rows that it has not seen', async () => {
  const verdict = await trained({}, { maxSteps: 150 }, { training: lines(sentences(100)), validation: lines(sentences(140).slice(100)) })
  expect(verdict).toMatchObject({ outcome: 'better', score: 'loss', rows: { training: 100, heldOut: 40, truncated: 0 } })
  const [base] = verdict.baselines
  expect(base).toMatchObject({ name: 'base' })
  expect(base.metrics.loss - verdict.metrics.loss).toBeCloseTo(base.gain, 5)
  expect(base.gain).toBeGreaterThan(0.2)
  expect(verdict.summary).toMatch(/^Loss \d\.\d{3} on 40 held-out rows; the bare base \d\.\d{3}: better than each\.$/)
  expect(codes(verdict)).not.toContain('no_better_than_baseline')
})

test.each([
  ['a text', {}, sentences(60)],
  ['a classifier', { task: 'SEQ_CLS' }, labelled(60, ['first', 'last'])],
  ['a classifier that is a probe itself', { task: 'SEQ_CLS', method: 'linear-probe', config: {} }, labelled(60, ['first', 'last'])],
])('behind the last step it is told how many rows of how many are measured: of %s', async (_, overrides, rows) => {
  const told: { step: number; rows: number; totalRows: number }[] = []
  await trained(overrides, { maxSteps: 3 }, { training: lines(rows) }, (event) => {
    if (event.type === 'measuring') told.push(event)
  })
  expect(told[0]).toMatchObject({ step: 3, totalSteps: 3, rows: 0 })
  expect(told.length).toBeGreaterThan(4)
  expect(told.map((each) => each.rows)).toEqual(told.map((each) => each.rows).toSorted((a, b) => a - b))
  // All that was announced was read, and nothing beyond it.
  expect(told.at(-1)!.rows).toBe(told[0]!.totalRows)
})

test('a dozen held-out rows tell a large gain, each by itself; five tell nothing', async () => {
  const of = (heldOut: number) =>
    trained({}, { maxSteps: 150, batchSize: 8 }, { training: lines(sentences(100)), validation: lines(sentences(140).slice(-heldOut)) })
  const [few, fewer] = [await of(12), await of(5)]
  expect(few).toMatchObject({ outcome: 'better', baselines: [{ standardError: expect.any(Number) }] })
  expect(codes(few)).not.toContain('no_better_than_baseline')
  expect(codes(few)).toContain('few_held_out_rows')
  expect(few.metrics.loss).toBeCloseTo(few.baselines[0].metrics.loss - few.baselines[0].gain, 5)
  expect(fewer).toMatchObject({ outcome: 'unclear', baselines: [{ standardError: null }] })
  expect(fewer.summary).toMatch(/too few rows to tell/)
})

test('an adapter that changes nothing is not called better', async () => {
  const verdict = await trained({ method: 'lora', config: { r: 2 } }, { maxSteps: 1, learningRate: 1e-9 }, { training: lines(sentences(100)) })
  expect(verdict.outcome).toBe('unclear')
  expect(Math.abs(gainOver(verdict, 'base'))).toBeLessThan(1e-3)
  expect(codes(verdict)).toEqual(expect.arrayContaining(['no_better_than_baseline', 'few_held_out_rows']))
})

test('one that overfits is told by the step at which its held-out loss turned', async () => {
  const noise = (seed: number): string => Array.from({ length: 20 }, (_, i) => letters[(seed * 7919 + i * i * 31 + seed * i * 17) % 26]).join('')
  const rows = (from: number, count: number) => lines(Array.from({ length: count }, (_, i) => ({ text: noise(from + i) })))
  const verdict = await trained(
    { method: 'full', config: {} },
    { maxSteps: 120, learningRate: 0.02, schedule: 'constant', patience: 0 },
    { training: rows(1, 12), validation: rows(500, 30) },
  )
  expect(codes(verdict)).toContain('overfitting')
  const found = verdict.findings.find(({ code }) => code === 'overfitting')!
  expect(verdict.bestStep).toBeLessThan(verdict.steps)
  expect(found.message).toContain(`at step ${verdict.bestStep}`)
  expect(verdict.metrics.loss).toBeGreaterThan(verdict.trainingLoss)
})

test('a classifier stands beside the commonest class and a linear probe; a label without held-out rows is named', async () => {
  const two = labelled(40, ['first', 'last'])
  const verdict = await trained(
    { task: 'SEQ_CLS', pooling: 'last' },
    { maxSteps: 80 },
    { training: lines([...two, { text: 'sea zz', label: 'zulu' }, { text: 'salt zz', label: 'zulu' }]), validation: lines(two.slice(0, 12)) },
  )
  expect(verdict.score).toBe('accuracy')
  expect(verdict.metrics.accuracy).toBe(1)
  expect(verdict.baselines.map(({ name }) => name)).toEqual(['majority', 'logistic-regression'])
  expect(verdict.baselines[0].metrics.accuracy).toBe(0.5)
  expect(gainOver(verdict, 'majority')).toBe(0.5)
  expect(verdict.baselines[1]).toMatchObject({ trainingRows: 42 })
  expect(codes(verdict)).toEqual(expect.arrayContaining(['class_not_held_out', 'few_rows_of_class', 'held_out_rows_repeated']))
  expect(verdict.findings.find(({ code }) => code === 'class_not_held_out')!.message).toContain('"zulu"')
})

test('a label whose only row was set aside cannot be learned, and that is said', async () => {
  const rows = [...labelled(40, ['first', 'last']), { text: 'sea zz', label: 'zulu' }]
  // The seed that sets that row aside.
  const numbered = rows.map((row, line) => ({ line, row: row as never }))
  const seed = Array.from({ length: 200 }, (_, i) => i).find((each) => splitHeldOut(numbered, each).validation.some(({ line }) => line === 40))
  const verdict = await trained({ task: 'SEQ_CLS', seed }, { maxSteps: 10 }, { training: lines(rows) })
  expect(verdict.rows).toMatchObject({ training: 37, heldOut: 4 })
  expect(codes(verdict)).toEqual(expect.arrayContaining(['class_not_trained', 'class_never_found', 'few_held_out_rows']))
})

test('where one label is most of the rows, always saying it is the measure', async () => {
  const verdict = await trained(
    { task: 'SEQ_CLS' },
    { maxSteps: 10 },
    { training: lines(labelled(60, ['first', 'first', 'first', 'last'])), validation: lines(labelled(40, ['first', 'first', 'first', 'last'])) },
  )
  expect(verdict.baselines[0]).toMatchObject({ name: 'majority', metrics: { accuracy: 0.75, balanced_accuracy: 0.5 } })
})

test('a linear probe is no baseline of itself', async () => {
  const verdict = await trained({ task: 'SEQ_CLS', method: 'linear-probe', config: {} }, { maxSteps: 40 }, { training: lines(labelled(60, ['first', 'last'])) })
  expect(verdict.baselines.map(({ name }) => name)).toEqual(['majority'])
})

test('what was cut is counted', async () => {
  const rows = sentences(60).map((row, i) => (i % 4 === 0 ? { text: 'long '.repeat(20) } : row))
  const verdict = await trained({}, { maxSteps: 5, maxLength: 30 }, { training: lines(rows) })
  expect(verdict.rows.truncated).toBe(15 + sentences(60).filter((row, i) => i % 4 !== 0 && (row as { text: string }).text.length > 30).length)
  expect(verdict.findings.find(({ code }) => code === 'truncated_rows')!.message).toContain(`${verdict.rows.truncated} rows of 60`)
})

test('rows of which all that is learned was cut off are told, and are none of those that were cut', async () => {
  const weighed = (i: number): object => ({
    prompt: `${letters[i]}`,
    completion: [{ text: 'because it is so, as anybody sees who looks', weight: 0 }, { text: ' yes' }],
  })
  const learned = { prompt: 'a', completion: ' yes' }
  const given = { training: lines([weighed(1), weighed(2), learned]), validation: lines([{ prompt: 'b', completion: ' no' }, weighed(3)]) }
  const { rows, findings } = await trained({}, { maxSteps: 1, maxLength: 20 }, given)
  expect(rows).toEqual({ training: 1, heldOut: 1, truncated: 0 })
  expect(findings.filter(({ code }) => ['truncated_rows', 'rows_unlearned'].includes(code))).toEqual([
    {
      code: 'rows_unlearned',
      level: 'warn',
      message: '3 rows teach nothing and were left out: of the 20 tokens that are kept of a row none is one that is learned.',
      next: 'Raise max_length where the model has room, or split the rows.',
    },
  ])
})

test('rows that were set aside and teach nothing are no file that somebody gave: it trains, and tells why nothing was measured', async () => {
  const nothing = { prompt: 'a', completion: [{ text: 'because it is so, as anybody sees who looks', weight: 0 }, { text: ' yes' }] }
  const [aside] = heldOutPlaces(10, specOf({}, {}).seed)
  const training = lines(Array.from({ length: 10 }, (_, i) => (i === aside ? nothing : { prompt: `${letters[i]}`, completion: ' yes' })))
  const verdict = await trained({}, { maxSteps: 1, maxLength: 20 }, { training })
  expect(verdict).toMatchObject({
    outcome: 'unmeasured',
    summary: 'Nothing was measured, since of the rows that were set aside nothing can be learned.',
    rows: { training: 9, heldOut: 0, truncated: 0 },
  })
  expect(codes(verdict).slice(0, 3)).toEqual(['no_held_out_rows', 'few_training_rows', 'rows_unlearned'])
  expect(verdict.findings[0]!.next).toBe('Give another seed, which sets others aside, or a validation file.')
  const given = trained({}, { maxSteps: 1, maxLength: 20 }, { training, validation: lines([nothing]) })
  await expect(given).rejects.toMatchObject({ code: 'nothing_to_learn', message: expect.stringContaining('validation file') })
})

test('held-out rows are repeated where the file repeats them, and not where cutting made them equal', async () => {
  const endings = Array.from({ length: 20 }, (_, i) => ({ text: `the whale ${letters[i]}` }))
  const repeatedIn = async (rows: readonly object[], validation: readonly object[]): Promise<string | undefined> => {
    const { findings, rows: found } = await trained({}, { maxSteps: 1, maxLength: 4 }, { training: lines(rows), validation: lines(validation) })
    expect(found.truncated).toBe(rows.length + validation.length)
    return findings.find(({ code }) => code === 'held_out_rows_repeated')?.message
  }
  expect(await repeatedIn(endings.slice(0, 15), endings.slice(15))).toBeUndefined()
  expect(await repeatedIn(endings, [{ ...endings[3], weight: 2 }, { text: 'the whale and more' }])).toMatch(/^1 held-out row stands among/)
})

test('a chat that is learned turn by turn is a repeated row as a whole: once, and not for a turn that another begins with too', async () => {
  const { model, ...place } = host()
  // As Mistral's, which moves what instructs to the last of the user's messages.
  const source =
    "{%- for m in messages -%}{%- if m.role == 'user' -%}u {{ messages[0].content if loop.last or (loop.index == loop.length - 1 and messages[-1].role != 'user') else '' }} {{ m.content }}{%- elif m.role == 'assistant' -%} a {{ m.content }}.{%- endif -%}{%- endfor -%}"
  const chat = (turns: readonly string[]): { messages: { role: string; content: string }[] } => ({
    messages: [
      { role: 'system', content: 'be kind' },
      ...turns.flatMap((turn) => [
        { role: 'user', content: turn },
        { role: 'assistant', content: `${turn} too` },
      ]),
    ],
  })
  const several = tokenizeRows([{ line: 1, row: { kind: 'messages', ...chat(['hi', 'sea']) } }], {
    ...{ file: 'training', task: 'CAUSAL_LM', maxLength: 384 },
    tokenizer: rowTokenizer({ ...model, chat: createChat(source) }),
  })
  expect(several.rows.length).toBeGreaterThan(1)
  const repeatedIn = async (training: readonly object[], validation: readonly object[]): Promise<string | undefined> => {
    const files = { training: lines(training), validation: lines(validation) }
    const told: object[] = []
    const onEvent: TrainingHost['onEvent'] = (event) => void (event.type === 'data' && told.push(event))
    const { verdict } = await runTraining(specOf({}, { maxSteps: 1 }), files, { ...place, model: { ...model, chat: createChat(source) }, onEvent })
    // Each is counted as the one row that it is.
    expect(verdict.rows).toEqual({ training: training.length, heldOut: validation.length, truncated: 0 })
    expect(told).toMatchObject([{ rows: training.length, validationRows: validation.length }])
    return verdict.findings.find(({ code }) => code === 'held_out_rows_repeated')?.message
  }
  expect(await repeatedIn([chat(['hi', 'sea'])], [chat(['hi', 'salt'])])).toBeUndefined()
  expect(await repeatedIn([chat(['hi', 'sea'])], [chat(['hi', 'sea'])])).toMatch(/^1 held-out row stands among/)
})

test('rows of one token teach nothing that could be measured, and fewer virtual tokens are what helps', async () => {
  const numVirtualTokens = host().model.spec.maxPositions - 1
  const verdict = await trained({ method: 'prompt-tuning', config: { numVirtualTokens } }, { maxSteps: 2, evalEvery: 1 }, { training: lines(sentences(20)) })
  expect(verdict).toMatchObject({ outcome: 'unmeasured', summary: 'Nothing could be measured on 2 held-out rows.', rows: { heldOut: 2, truncated: 20 } })
  expect(codes(verdict)).toContain('nothing_measured')
  for (const code of ['few_held_out_rows', 'best_at_last_step']) expect(codes(verdict)).not.toContain(code)
  const nextOf = (asked: string) => verdict.findings.find(({ code }) => code === asked)!.next
  expect(nextOf('nothing_measured')).toBe('Leave a row more than one token: fewer virtual tokens.')
  expect(nextOf('truncated_rows')).toContain('use fewer virtual tokens, or split the rows')
})

test('three rows train, and nothing is claimed of them', async () => {
  const verdict = await trained({}, { maxSteps: 5 }, { training: lines(sentences(3)) })
  expect(verdict).toMatchObject({ outcome: 'unmeasured', metrics: {}, baselines: [], bestStep: null, rows: { training: 3, heldOut: 0 } })
  expect(codes(verdict)).toEqual(['no_held_out_rows', 'few_training_rows'])
  expect(verdict.findings[0].next).toContain('validation file')
})

test('held-out rows that the run before has learned are told: it had another seed, or a validation file', async () => {
  const rows = sentences(60).map((row, i) => ({ text: `${(row as { text: string }).text} ${i}` }))
  const data = `sha256:${'0'.repeat(64)}`
  const started = (seed: number, files: TrainingFiles, given: object = {}) => runTraining(specOf({ data, seed, ...given }, { maxSteps: 2 }), files, host())
  const files = { training: lines(rows) }
  const learned = async (first: Awaited<ReturnType<typeof started>>, given: TrainingFiles = files, more: object = {}): Promise<string | undefined> => {
    const start = await readAdapter(first.adapter)
    const from = { from: 'first', required: [{ ref: 'first', digest: start.digest }], ...more }
    const { verdict } = await started(5, { ...given, required: [start] }, from)
    return verdict.findings.find(({ code }) => code === 'held_out_rows_learned_before')?.message
  }
  const measured = { ...files, validation: lines(sentences(8)) }
  const [same, another, whole] = [await started(5, files), await started(6, files), await started(5, measured, { validation: data })]
  expect(await learned(same)).toBeUndefined()
  const numbered = rows.map((row, line) => ({ line, row: row as never }))
  const [of5, of6] = [5, 6].map((seed) => splitHeldOut(numbered, seed).validation.map(({ line }) => line))
  const others = of5.filter((line) => !of6.includes(line))
  expect(await learned(another)).toMatch(`${others.length} held-out rows were among the training rows of what it starts from`)
  expect(await learned(whole)).toMatch('6 held-out rows were')
  // On a file of its own, and of other rows, nothing is known of them.
  expect(await learned(another, measured)).toBeUndefined()
  expect(await learned(another, files, { data: `sha256:${'1'.repeat(64)}` })).toBeUndefined()
})
