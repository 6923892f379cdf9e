import { Random } from '@weft/adapters'
import { describe, expect, test } from 'vitest'
import { combinedLogits, combineOutputs, type OutputCombination } from './combine-outputs.ts'
import { OperandWeights } from './operand-weights.ts'
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

  test('an expert has its share of the mixture by what it says beside what it usually says', () => {
    // Both are as far from the base; the one that usually says half as much is twice as sure, and has two thirds of what is not everyone's.
    const levels = [
      { weight: 1, level: 2 },
      { weight: 1, level: 1 },
    ]
    const mirrored = Float32Array.from(a).reverse()
    const even = new Float32Array(50)
    const got = probabilities(combineOutputs({ operator: 'experts', operands: levels }, [even, a, mirrored]))
    const [p, q] = [probabilities(a), probabilities(mirrored)]
    got.forEach((value, v) => expect(value).toBeCloseTo((0.98 / 3 + 0.01) * p[v] + ((0.98 * 2) / 3 + 0.01) * q[v], 5))
    // Two that give the same answer give it.
    close(combineOutputs({ operator: 'experts', operands: levels }, [base, a, a]), a)
  })

  test('an expert at a strength answers so far from the base', () => {
    const half = base.map((value, v) => value + 0.5 * (a[v] - value))
    close(combineOutputs({ operator: 'experts', operands: operands(0.5) }, [base, a]), half)
    close(combineOutputs({ operator: 'experts', operands: operands(0.5, 0) }, [base, a, b]), half)
    close(combineOutputs({ operator: 'experts', operands: operands(0) }, [base, a]), base)
  })

  test('a text moves what the experts say, and alone the base', () => {
    const text = { weight: 0.5 }
    close(
      combineOutputs({ operator: 'experts', operands: [text] }, [base, b]),
      base.map((value, v) => value + 0.5 * (b[v] - value)),
    )
    // Of a level so high that the text is the loudest.
    close(
      combineOutputs({ operator: 'experts', operands: [{ weight: 1, level: 1e6 }, text] }, [base, a, b]),
      a.map((value, v) => value + 0.5 * (b[v] - base[v])),
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
    // A divergence grows by the square of what moved: the first has a fifth.
    const weights = [0.98 * 0.2 + 0.01, 0.98 * 0.8 + 0.01].map((weight) => ({ weight, level: 1 }))
    const expected = combineOutputs({ operator: 'ensemble', operands: weights }, [moved(1e-3), moved(2e-3)])
    const apart = got.map((value, v) => Math.abs(value - expected[v]))
    expect(Math.max(...apart)).toBeLessThan(5e-6)
  })

  test('log-probabilities of one row are its logits less one number, and an expert at 0 is the base', () => {
    const got = combineOutputs({ operator: 'experts', operands: operands(1, 1) }, [base, base, base])
    expect(got).toEqual(Float32Array.from(base, (value) => value - logSumExp(base)))
    expect(combineOutputs({ operator: 'product', operands: operands(0, 0) }, [base, a, b])).toEqual(got)
  })

  test('logits of several stand where one that they all come to has them', () => {
    const logitsOf = (combination: OutputCombination, rows: Float32Array[]): Float32Array =>
      combinedLogits(combination, rows, new Float32Array(50), new OperandWeights(combination.operands))
    const near = (got: Float32Array, expected: Float32Array): void => {
      got.forEach((value, v) => expect(value).toBeCloseTo(expected[v]!, 4))
    }
    const half = base.map((value, v) => value + 0.5 * (a[v]! - value))
    for (const operator of ['experts', 'product'] as const) {
      near(logitsOf({ operator, operands: operands(1, 1) }, [base, a, base]), a)
      near(logitsOf({ operator, operands: operands(0.5) }, [base, a]), half)
      near(logitsOf({ operator, operands: operands(1, 1) }, [base, base, base]), base)
    }
    near(logitsOf({ operator: 'experts', operands: [{ weight: 0.5 }] }, [base, a]), half)
    near(logitsOf({ operator: 'ensemble', operands: operands(0.3, 0.7) }, [a, a]), a)
    // And are as far from one another as they are as log-probabilities.
    for (const operator of ['experts', 'product', 'ensemble'] as const) {
      const rows = operator === 'ensemble' ? [a, b] : [base, a, b]
      close(logitsOf({ operator, operands: operands(0.3, 0.7) }, rows), combineOutputs({ operator, operands: operands(0.3, 0.7) }, rows))
    }
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
