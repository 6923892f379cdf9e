import { elementCount } from '@weft/graph'
import { expect, test } from 'vitest'
import type { Parameter } from '../graph/parameter.ts'
import { Adafactor, AdamW, clipGradientNorm, learningRateAt } from './index.ts'

const parameter = (name: string, shape: number[], value: (i: number) => number, gradient: (i: number) => number): Parameter => {
  const n = elementCount(shape)
  return { name, shape, data: Float32Array.from({ length: n }, (_, i) => value(i)), gradient: Float32Array.from({ length: n }, (_, i) => gradient(i)) }
}

test('AdamW: the first step is the sign of the gradient times the rate, after the decay', async () => {
  const p = parameter(
    'p',
    [3],
    () => 2,
    (i) => [0.5, -3, 1e-3][i],
  )
  await new AdamW([p], { weightDecay: 0.1 }).step(0.01)
  // p(1 − lr·λ) − lr·g/(|g| + ε), and ε is 1e-8
  expect([...p.data]).toEqual([2 * 0.999 - 0.01, 2 * 0.999 + 0.01, 2 * 0.999 - 0.01].map((x) => expect.closeTo(x, 6)))
})

test('AdamW: eps stands outside the root of the corrected second moment', async () => {
  const p = parameter(
    'p',
    [1],
    () => 0,
    () => 1,
  )
  await new AdamW([p], { eps: 1, weightDecay: 0 }).step(1)
  expect(p.data[0]).toBeCloseTo(-0.5, 6) // −1/(√1 + 1); inside the root it would be −1/√2
})

test('AdamW: moments decay as published when the gradient changes', async () => {
  const p = parameter(
    'p',
    [1],
    () => 0,
    () => 1,
  )
  const optimizer = new AdamW([p], { betas: [0.5, 0.5], eps: 0, weightDecay: 0 })
  await optimizer.step(1)
  p.gradient[0] = -1
  await optimizer.step(1)
  // m = ½·½ − ½ = −¼ over 1 − ¼; v = 1: the second step is +⅓ from −1
  expect(p.data[0]).toBeCloseTo(-1 + 1 / 3, 6)
})

test('a parameter with a factor of its own moves by so much more', async () => {
  const slow = parameter(
    'slow',
    [1],
    () => 0,
    () => 1,
  )
  const fast = {
    ...parameter(
      'fast',
      [1],
      () => 0,
      () => 1,
    ),
    lrScale: 5,
  }
  await new AdamW([slow, fast], { weightDecay: 0 }).step(0.01)
  expect([slow.data[0], fast.data[0]]).toEqual([expect.closeTo(-0.01, 6), expect.closeTo(-0.05, 6)])
  await new Adafactor([slow, fast]).step(0.01)
  expect(fast.data[0]).toBeCloseTo(5 * slow.data[0], 6)
})

test('Adafactor: a rank-one matrix of squares is factored exactly, so every element moves by the rate', async () => {
  const [row, column] = [
    [1, 2, 3],
    [0.5, -4],
  ]
  const p = parameter(
    'p',
    [3, 2],
    () => 0,
    (i) => row[i >> 1] * column[i & 1],
  )
  await new Adafactor([p]).step(0.1)
  for (const [i, value] of p.data.entries()) expect(value).toBeCloseTo(-0.1 * Math.sign(column[i & 1]), 5)
})

test('Adafactor keeps row and column means over the last two axes, and a whole moment for a vector', () => {
  const optimizer = new Adafactor([
    parameter(
      'm',
      [5, 2, 3, 4],
      () => 0,
      () => 0,
    ),
    parameter(
      'v',
      [7],
      () => 0,
      () => 0,
    ),
  ])
  expect(optimizer.slots().m.row.length).toBe(5 * 2 * 3)
  expect(optimizer.slots().m.column.length).toBe(5 * 2 * 4)
  expect(optimizer.slots().v.expAvgSq.length).toBe(7)
})

test('Adafactor: an outlier is clipped to a root mean square of the threshold', async () => {
  const p = parameter(
    'p',
    [4],
    () => 0,
    () => 1,
  )
  const optimizer = new Adafactor([p])
  for (let i = 0; i < 3; i++) await optimizer.step(0.1)
  const before = p.data.slice()
  p.gradient.fill(100)
  await optimizer.step(0.1)
  const moves = [...p.data].map((x, i) => x - before[i])
  expect(Math.sqrt(moves.reduce((s, m) => s + m * m, 0) / 4)).toBeCloseTo(0.1, 5)
})

test('clipping scales all gradients together and reports the norm before', async () => {
  const ps = [
    parameter(
      'a',
      [1],
      () => 0,
      () => 3,
    ),
    parameter(
      'b',
      [1],
      () => 0,
      () => 4,
    ),
  ]
  expect(await clipGradientNorm(ps, 1)).toBeCloseTo(5, 6)
  expect([ps[0].gradient[0], ps[1].gradient[0]]).toEqual([expect.closeTo(0.6, 5), expect.closeTo(0.8, 5)])
  expect(await clipGradientNorm(ps, 0)).toBeCloseTo(1, 5)
})

test('schedules warm up, then hold, fall in a line or along a cosine', () => {
  const at = (name: 'constant' | 'linear' | 'cosine', step: number) => learningRateAt({ name, learningRate: 1, warmupSteps: 4, totalSteps: 24 }, step)
  expect([0, 1, 2, 3].map((s) => at('cosine', s))).toEqual([0.2, 0.4, 0.6, 0.8])
  expect([4, 14, 24].map((s) => at('constant', s))).toEqual([1, 1, 1])
  expect([4, 14, 24].map((s) => at('linear', s))).toEqual([1, 0.5, 0])
  expect([4, 14, 24].map((s) => at('cosine', s))).toEqual([1, expect.closeTo(0.5, 9), expect.closeTo(0, 9)])
})

test('a step over many weights lets timers run', async () => {
  const p = parameter(
    'p',
    [1 << 22],
    () => 1,
    () => 1,
  )
  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
  }, 1)
  for (let i = 0; i < 3; i++) await new AdamW([p]).step(0.1)
  clearInterval(timer)
  expect(ticks).toBeGreaterThan(0)
})
