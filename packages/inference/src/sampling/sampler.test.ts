import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { argMax, logSumExp, type Sampling, sample } from './sampler.ts'

const probabilities = [0.5, 0.25, 0.15, 0.07, 0.03]
const logits = Float32Array.from(probabilities, (p) => Math.log(p) + 4)

/** Shares of `n` draws. */
function shares(sampling: Sampling, from = logits, n = 20_000): number[] {
  const random = new Random('sampler')
  const counts = Array(from.length).fill(0)
  for (let i = 0; i < n; i++) counts[sample(from, sampling, () => random.uniform()).token]++
  return counts.map((count) => count / n)
}
const near = (got: number[], expected: number[]) => expected.forEach((value, i) => expect(Math.abs(got[i] - value)).toBeLessThan(0.015))

test('temperature 0 takes the largest, the first among equals', () => {
  expect(sample(Float32Array.of(1, 3, 3, 2), { temperature: 0 }, () => 0.9).token).toBe(1)
  expect(argMax(Float32Array.of(-5, -4, -9))).toBe(1)
  // Four at a time, of every length and with the largest anywhere, beside what is no number.
  for (let length = 1; length < 12; length++)
    for (let at = 0; at < length; at++) {
      const values = Float32Array.from({ length }, (_, i) => (i === at || i === length - 1 ? 3 : i % 3))
      expect(argMax(values)).toBe(values.indexOf(3))
      if (at > 0) expect(argMax(values.with(at - 1, Number.NaN))).toBe(at === 1 ? 0 : values.with(at - 1, Number.NaN).indexOf(3))
    }
})

test('temperature 1 draws by probability; others sharpen or flatten', () => {
  near(shares({ temperature: 1 }), probabilities)
  const squared = probabilities.map((p) => p * p),
    sum = squared.reduce((a, b) => a + b)
  near(
    shares({ temperature: 0.5 }),
    squared.map((p) => p / sum),
  )
})

test('top-k keeps the k likeliest', () => near(shares({ temperature: 1, topK: 2 }), [2 / 3, 1 / 3, 0, 0, 0]))

test('top-p keeps the fewest that reach p, the one that crosses it included', () => {
  near(shares({ temperature: 1, topP: 0.7 }), [2 / 3, 1 / 3, 0, 0, 0])
  near(shares({ temperature: 1, topP: 0.76 }), [0.5 / 0.9, 0.25 / 0.9, 0.15 / 0.9, 0, 0])
  near(shares({ temperature: 1, topP: 0.01 }), [1, 0, 0, 0, 0])
})

test('top-p is taken of what top-k left', () => near(shares({ temperature: 1, topK: 3, topP: 0.8 }), [2 / 3, 1 / 3, 0, 0, 0]))

test('min-p leaves out what is less likely than its share of the likeliest, whatever else cuts', () => {
  near(shares({ temperature: 1, minP: 0.29 }), [0.5 / 0.9, 0.25 / 0.9, 0.15 / 0.9, 0, 0])
  near(shares({ temperature: 1, minP: 1 }), [1, 0, 0, 0, 0])
  near(shares({ temperature: 1, minP: 0.4, topK: 4 }), [2 / 3, 1 / 3, 0, 0, 0])
  near(shares({ temperature: 1, minP: 0.4, topP: 0.99 }), [2 / 3, 1 / 3, 0, 0, 0])
})

test("log-probabilities are the model's own, whatever was adjusted", () => {
  const adjusted = logits.with(0, -100)
  const { token, logprob, topLogprobs } = sample(adjusted, { temperature: 0, logprobs: 1 }, () => 0, logits)
  expect(token).toBe(1)
  expect(Math.exp(logprob!)).toBeCloseTo(0.25, 5)
  expect(topLogprobs).toEqual([{ token: 0, logprob: expect.closeTo(Math.log(0.5), 5) }])
})

test('top-p over a large vocabulary equals the plain definition', () => {
  const random = new Random('large')
  const large = Float32Array.from({ length: 5000 }, () => random.normal(0, 3))
  const normalizer = logSumExp(large)
  const order = [...large.keys()].sort((a, b) => large[b] - large[a])
  let mass = 0
  const nucleus = new Set<number>()
  for (const id of order) {
    nucleus.add(id)
    if ((mass += Math.exp(large[id] - normalizer)) >= 0.9) break
  }
  expect(nucleus.size).toBeGreaterThan(50)
  const drawn = new Set<number>()
  for (let i = 0; i < 4000; i++) drawn.add(sample(large, { temperature: 1, topP: 0.9 }, () => (i + 0.5) / 4000).token)
  for (const id of drawn) expect(nucleus.has(id)).toBe(true)
  expect(drawn.has(order[0])).toBe(true)
  expect(drawn.size).toBeGreaterThan(nucleus.size / 4)
})

test("log-probabilities are the model's own, whatever the temperature", () => {
  const { token, logprob, topLogprobs } = sample(logits, { temperature: 0.1, topK: 1, logprobs: 3 }, () => 0.5)
  expect(logprob).toBeCloseTo(Math.log(probabilities[token]), 5)
  expect(topLogprobs!.map(({ token }) => token)).toEqual([0, 1, 2])
  topLogprobs!.forEach((top, i) => expect(top.logprob).toBeCloseTo(Math.log(probabilities[i]), 5))
  expect(sample(logits, { temperature: 0, logprobs: 0 }, () => 0).topLogprobs).toEqual([])
  expect(sample(logits, { temperature: 0 }, () => 0).logprob).toBeUndefined()
})

test('a logit that is no number is not drawn, and keeps none of the others from it', () => {
  const broken = Float32Array.of(logits[0], logits[1], Number.NaN, logits[2], logits[3], Number.NaN, logits[4], Number.NaN)
  const expected = [0.5, 0.25, 0, 0.15, 0.07, 0, 0.03, 0]
  near(shares({ temperature: 1 }, broken), expected)
  near(shares({ temperature: 1, topK: 7 }, broken), expected)
  near(shares({ temperature: 1, topK: 500 }, broken), expected)
  near(shares({ temperature: 1, topP: 0.7 }, broken), [2 / 3, 1 / 3, 0, 0, 0, 0, 0, 0])
  near(shares({ temperature: 1, minP: 0.4 }, broken), [2 / 3, 1 / 3, 0, 0, 0, 0, 0, 0])
  expect(sample(broken, { temperature: 0, logprobs: 3 }, () => 0).topLogprobs!.map(({ token }) => token)).toEqual([0, 1, 3])
})

test('top-k of most of a vocabulary draws what all of it would', () => {
  const random = new Random('most')
  const large = Float32Array.from({ length: 3000 }, () => random.normal(0, 3))
  const order = [...large.keys()].sort((a, b) => large[b] - large[a])
  for (const topK of [100, 200, 2999]) {
    const kept = order.slice(0, topK)
    const total = kept.reduce((sum, id) => sum + Math.exp(large[id]), 0)
    for (const u of [0, 0.2, 0.5, 0.9, 0.999]) {
      let mass = 0
      const drawn = kept.find((id) => (mass += Math.exp(large[id])) > u * total)
      expect(sample(large, { temperature: 1, topK }, () => u).token).toBe(drawn)
    }
  }
})

test('huge logits do not overflow', () => {
  expect(logSumExp(Float32Array.of(1000, 1000))).toBeCloseTo(1000 + Math.log(2), 5)
  expect(sample(Float32Array.of(3e38, 0), { temperature: 1, topP: 0.9 }, () => 0.99).token).toBe(0)
})
