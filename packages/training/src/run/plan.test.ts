import { expect, test } from 'vitest'
import { planRun } from './plan.ts'

const row = (length: number) => ({ tokens: new Uint32Array(length), weights: new Float32Array(length).fill(1), rowWeight: 1 })
const rows = Array.from({ length: 50 }, (_, i) => row(3 + ((i * 7) % 40)))
const options = { rows, validation: [], batchSize: 4, gradientAccumulation: 2, nEpochs: 3, maxLength: 64, seed: 5 }

test('a step is the same whenever it is asked for, and steps of an epoch are every row once', () => {
  const plan = planRun(options)
  expect([plan.totalSteps, plan.stepsPerEpoch]).toEqual([21, 7])
  const inOrder = Array.from({ length: plan.totalSteps }, (_, step) => plan.batches(step))
  for (const step of [20, 0, 13, 7, 6]) expect(plan.batches(step)).toEqual(inOrder[step])
  for (let epoch = 0; epoch < 3; epoch++) {
    const seen = inOrder.slice(7 * epoch, 7 * epoch + 7).flatMap((batches) => batches.flatMap(({ rows }) => rows))
    expect(new Set(seen)).toEqual(new Set(rows))
    expect(seen).toHaveLength(rows.length)
  }
  for (const step of [0, 1, 7, 11, 21])
    expect(plan.tokensBefore(step)).toBe(inOrder.slice(0, step).reduce((sum, batches) => sum + batches.reduce((n, { tokens }) => n + tokens, 0), 0))
})

test('a longer run has more row lengths, up to what it is allowed', () => {
  const lengthsOf = (changed: Partial<typeof options> & { maxSteps?: number; lengths?: number }): number => {
    const plan = planRun({ ...options, rows: Array.from({ length: 100 }, (_, i) => row(3 + ((i * 37) % 200))), maxLength: 256, ...changed })
    const first = Array.from({ length: Math.min(plan.stepsPerEpoch, plan.totalSteps) }, (_, step) => plan.batches(step)).flat()
    return new Set(first.map(({ bucket }) => bucket.length)).size
  }
  expect(lengthsOf({ maxSteps: 1 })).toBe(1)
  expect(lengthsOf({ nEpochs: 1 })).toBe(3)
  expect(lengthsOf({ nEpochs: 1000 })).toBe(8)
  expect(lengthsOf({ nEpochs: 1000, lengths: 4 })).toBe(4)
})

test('a billion epochs are planned at once, and any of them has a place for each of its batches', () => {
  const started = process.cpuUsage()
  const plan = planRun({ ...options, rows: rows.map(({ tokens }, i) => row(i % 3 ? 2 : tokens.length)), nEpochs: 1e9 })
  expect(plan.totalSteps).toBe(7e9)
  for (const step of [0, 7e9 - 1, 3_500_000_123])
    for (const { bucket, rows: own } of plan.batches(step)) {
      expect(bucket.length).toBeGreaterThanOrEqual(Math.max(...own.map(({ tokens }) => tokens.length)))
      expect(bucket.lossRows).toBeGreaterThanOrEqual(own.reduce((n, { weights }) => n + weights.length, 0))
    }
  // Of this process' own time: others may have the core meanwhile.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000)
})

test('a run that starts from another goes on with the rows: by steps where it stopped, by epochs with whole ones', () => {
  const whole = planRun(options)
  const taken = (plan: ReturnType<typeof planRun>, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => plan.batches(from + i).map(({ rows }) => rows))
  const further = planRun({ ...options, maxSteps: 10, stepsBefore: 5 })
  expect(taken(further, 0, 10)).toEqual(taken(whole, 5, 15))
  for (const step of [0, 1, 2, 9, 10]) expect(further.tokensBefore(step)).toBe(whole.tokensBefore(5 + step) - whole.tokensBefore(5))
  const epochs = planRun({ ...options, nEpochs: 2, stepsBefore: 5 })
  expect(taken(epochs, 0, epochs.totalSteps)).toEqual(taken(whole, 7, 21))
})

test('a batch of more rows than may be in one pass is taken in parts of like size, each of its own length', () => {
  const rowsAtOnce = (length: number): number => Math.max(1, Math.floor(100 / length))
  const [whole, plan] = [planRun({ ...options, batchSize: 8 }), planRun({ ...options, batchSize: 8, rowsAtOnce })]
  expect(plan.totalSteps).toBe(whole.totalSteps)
  for (let step = 0; step < plan.totalSteps; step++) {
    const parts = plan.batches(step)
    expect(parts.flatMap(({ rows }) => rows)).toEqual(whole.batches(step).flatMap(({ rows }) => rows))
    expect(parts.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(whole.batches(step).reduce((sum, { weight }) => sum + weight, 0))
    for (const { rows, bucket } of parts) {
      expect(bucket.rows).toBeLessThanOrEqual(rowsAtOnce(bucket.length))
      expect(rows.length).toBeLessThanOrEqual(bucket.rows)
      expect(bucket.length).toBeGreaterThanOrEqual(Math.max(...rows.map(({ tokens }) => tokens.length)))
    }
  }
  const shapes = (of: typeof plan): Set<string> =>
    new Set(Array.from({ length: of.totalSteps }, (_, step) => of.batches(step).map(({ bucket }) => `${bucket.rows} × ${bucket.length}`)).flat())
  expect(shapes(plan).size).toBe(shapes(whole).size)
  // Rows that all fit are one pass, as ever.
  expect(planRun({ ...options, rowsAtOnce: () => 4 }).batches(3)).toEqual(planRun(options).batches(3))
})

test('rows that an encoder reads are fewer in a pass where their answers are long', () => {
  const answering = rows.map((each, i) => ({ ...each, targets: new Uint32Array(1 + ((i * 11) % 60)) }))
  const rowsAtOnce = (length: number, answers = 0): number => Math.max(1, Math.floor(100 / (length + answers)))
  const plan = planRun({ ...options, rows: answering, batchSize: 8, rowsAtOnce })
  const parts = Array.from({ length: plan.totalSteps }, (_, step) => plan.batches(step)).flat()
  for (const { rows: own, bucket } of parts) {
    expect(own.length).toBeLessThanOrEqual(bucket.rows)
    expect(bucket.targets).toBeGreaterThanOrEqual(Math.max(...own.map(({ targets }) => targets!.length)))
  }
  const unaware = planRun({ ...options, rows: answering, batchSize: 8, rowsAtOnce: (length) => rowsAtOnce(length) })
  expect(plan.batches(0).length).toBeGreaterThan(unaware.batches(0).length)
})
