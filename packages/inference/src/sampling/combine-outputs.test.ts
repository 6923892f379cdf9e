import { Random } from '@weft/adapters'
import { describe, expect, test } from 'vitest'
import { combineOutputs } from './combine-outputs.ts'
import { logSumExp } from './sampler.ts'

const random = new Random('outputs')
const logits = (): Float32Array => Float32Array.from({ length: 50 }, () => random.normal(0, 3))
const probabilities = (values: Float32Array): number[] => Array.from(values, (value) => Math.exp(value - logSumExp(values)))
const close = (got: Float32Array, expected: Float32Array): void => {
  const [p, q] = [probabilities(got), probabilities(expected)]
  p.forEach((value, v) => expect(value).toBeCloseTo(q[v], 5))
}
const [base, a, b] = [logits(), logits(), logits()]
const operands = (...weights: number[]) => weights.map((weight) => ({ weight, level: 1 }))

describe('combined outputs', () => {
  test.each(['experts', 'product'] as const)('%s of one operand is that operand', (operator) =>
    close(combineOutputs({ operator, operands: operands(1) }, [base, a]), a),
  )

  test('an ensemble of one is it, of two the mean of their probabilities', () => {
    close(combineOutputs({ operator: 'ensemble', operands: operands(1) }, [a]), a)
    const mean = probabilities(combineOutputs({ operator: 'ensemble', operands: operands(0.25, 0.75) }, [a, b]))
    const [p, q] = [probabilities(a), probabilities(b)]
    mean.forEach((value, v) => expect(value).toBeCloseTo(0.25 * p[v] + 0.75 * q[v], 6))
  })

  test('a product adds the differences from the base: DExperts', () => {
    const got = combineOutputs({ operator: 'product', operands: operands(1, -0.5) }, [base, a, b])
    close(
      got,
      base.map((value, v) => value + (a[v] - value) - 0.5 * (b[v] - value)),
    )
  })

  test('an expert that answers as the base does adds nothing, whatever its level', () => {
    const unchanged = [
      { weight: 1, level: 1 },
      { weight: 1, level: 1e-3 },
    ]
    close(combineOutputs({ operator: 'experts', operands: unchanged }, [base, a, base]), a)
    close(combineOutputs({ operator: 'experts', operands: unchanged }, [base, base, base]), base)
  })

  test('an expert counts by what it says beside what it usually says', () => {
    // Both say the same; the one that usually says half as much is twice as sure, and the other counts for the square of a half.
    const got = combineOutputs(
      {
        operator: 'experts',
        operands: [
          { weight: 1, level: 2 },
          { weight: 1, level: 1 },
        ],
      },
      [base, a, a],
    )
    close(
      got,
      base.map((value, v) => value + 1.25 * (a[v] - value)),
    )
  })

  test.each(['experts', 'product', 'ensemble'] as const)('the order of %s does not matter', (operator) => {
    const first = operator === 'ensemble' ? [] : [base]
    const [one, other] = [
      { weight: 0.3, level: 0.5 },
      { weight: 0.7, level: 4 },
    ]
    close(combineOutputs({ operator, operands: [one, other] }, [...first, a, b]), combineOutputs({ operator, operands: [other, one] }, [...first, b, a]))
  })

  test.each(['experts', 'product', 'ensemble'] as const)('%s of two in the other order is the same numbers', (operator) => {
    const first = operator === 'ensemble' ? [] : [base]
    const [one, other] = [
      { weight: 0.3, level: 0.5 },
      { weight: 0.7, level: 4 },
    ]
    expect(combineOutputs({ operator, operands: [other, one] }, [...first, b, a])).toEqual(
      combineOutputs({ operator, operands: [one, other] }, [...first, a, b]),
    )
  })

  test('experts that hardly move the base are weighed by how far they do', () => {
    const moved = (by: number) => base.map((value, v) => value + by * Math.sin(v))
    const got = combineOutputs({ operator: 'experts', operands: operands(1, 1) }, [base, moved(1e-3), moved(2e-3)])
    // A divergence grows by the square of what moved, and counts by its own square: the first for a sixteenth.
    const expected = combineOutputs({ operator: 'product', operands: operands(1 / 16, 1) }, [base, moved(1e-3), moved(2e-3)])
    const apart = got.map((value, v) => Math.abs(value - expected[v]))
    expect(Math.max(...apart)).toBeLessThan(5e-6)
  })

  test('log-probabilities of one row are its logits less one number, and an expert at 0 is the base', () => {
    const got = combineOutputs({ operator: 'experts', operands: operands(1, 1) }, [base, base, base])
    expect(got).toEqual(Float32Array.from(base, (value) => value - logSumExp(base)))
    expect(combineOutputs({ operator: 'product', operands: operands(0, 0) }, [base, a, b])).toEqual(got)
  })

  test.each(['experts', 'product', 'ensemble'] as const)('%s is written where it is asked for, whatever is there', (operator) => {
    const rows = operator === 'ensemble' ? [a, b] : [base, a, b]
    const into = new Float32Array(50).fill(Number.NaN)
    expect(combineOutputs({ operator, operands: operands(0.3, 0.7) }, rows, into)).toBe(into)
    expect(into).toEqual(combineOutputs({ operator, operands: operands(0.3, 0.7) }, rows))
  })

  test.each(['experts', 'product', 'ensemble'] as const)('%s of an answer that is no number is none', (operator) => {
    const broken = a.slice()
    broken[7] = Number.NaN
    const got = combineOutputs({ operator, operands: operands(0.5, 0.5) }, operator === 'ensemble' ? [broken, b] : [base, broken, b])
    expect(got.every(Number.isFinite)).toBe(false)
    expect(got[0]).toBeNaN()
  })

  test('logits far apart neither overflow nor vanish', () => {
    const far = Float32Array.from({ length: 50 }, (_, v) => (v === 3 ? 2000 : -2000))
    for (const operator of ['experts', 'product', 'ensemble'] as const) {
      const got = combineOutputs({ operator, operands: operands(0.5, 0.5) }, operator === 'ensemble' ? [far, a] : [base, far, a])
      expect(got.every(Number.isFinite)).toBe(true)
      expect(got.indexOf(Math.max(...got))).toBe(3)
    }
  })
})
