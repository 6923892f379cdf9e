import { describe, expect, test } from 'vitest'
import { OperandWeights } from './operand-weights.ts'
import { TokenAnswer } from './token-answer.ts'

/** An answer that says so many nats more than the base, whose two tokens are equally likely. */
const base = new TokenAnswer(new Float32Array(2))
const saying = (nats: number): TokenAnswer => {
  let [least, most] = [0, 60]
  for (let step = 0; step < 60; step++) {
    const middle = (least + most) / 2
    if (new TokenAnswer(Float32Array.of(middle, 0)).divergenceFrom(base) < nats) least = middle
    else most = middle
  }
  return new TokenAnswer(Float32Array.of(least, 0))
}
const operands = (...levels: number[]) => levels.map((level) => ({ weight: 1, level }))

describe("operands' weights over one answer", () => {
  test('one alone counts with its strength at every token, silent or not', () => {
    const weights = new OperandWeights([{ weight: 0.5, level: 3 }])
    for (const nats of [0.4, 0, 0.001, 0.6]) expect(weights.next(base, [saying(nats)])).toEqual([0.5])
  })

  test('who speaks most by its own measure counts fully, the others by the square of their share', () => {
    const [loud, quiet] = new OperandWeights(operands(0.5, 2)).next(base, [saying(0.3), saying(0.3)])
    expect(loud).toBe(1)
    expect(quiet).toBeCloseTo((0.15 / 0.6) ** 2, 4)
  })

  test('a whisper at a token where the operand that is meant has nothing to add hardly counts', () => {
    const weights = new OperandWeights(operands(0.3, 0.3))
    weights.next(base, [saying(0.3), saying(0.02)])
    const [meant, other] = weights.next(base, [saying(0.001), saying(0.02)])
    expect(meant).toBe(1)
    expect(other).toBeLessThan(0.03)
    // Without what was said before it would have counted fully, and the one that is meant for next to nothing.
    expect(new OperandWeights(operands(0.3, 0.3)).next(base, [saying(0.001), saying(0.02)])[0]).toBeLessThan(0.003)
  })

  test('an answer passes from one operand to another within a few tokens', () => {
    const weights = new OperandWeights(operands(0.3, 0.3))
    for (let token = 0; token < 50; token++) weights.next(base, [saying(0.3), saying(0)])
    const after = Array.from({ length: 12 }, () => weights.next(base, [saying(0), saying(0.3)]))
    expect(after.findIndex(([, second]) => second === 1)).toBeLessThanOrEqual(3)
    expect(after.at(-1)![0]).toBeLessThan(0.01)
  })

  test('an operand that answers as the base does counts for nothing; where all do, each with its strength', () => {
    const weights = new OperandWeights(operands(1, 1))
    expect(weights.next(base, [base, base])).toEqual([1, 1])
    expect(weights.next(base, [saying(0.2), base])).toEqual([1, 0])
  })

  test('one without a level is measured by its own answer: it is heard beside one that is meant, and takes nothing from it', () => {
    const said = [0.02, 0.03, 0.01, 0.02, 0.025]
    const text = { weight: 1, level: undefined }
    const meant = new OperandWeights([{ weight: 1, level: 0.5 }, text])
    const last = said.map((nats) => meant.next(base, [saying(0.5), saying(nats)])).at(-1)!
    expect(last[0]).toBe(1)
    expect(last[1]).toBeGreaterThan(0.8)
    // What says nothing of its own adds nothing, whatever it counts.
    const foreign = new OperandWeights([{ weight: 1, level: 0.5 }, text])
    expect(said.map((nats) => foreign.next(base, [saying(0.01), saying(nats)])).at(-1)).toEqual([1, 1])
    // A loud text beside a label: at its first token the label counts fully all the same, and two labels are weighed as without the text.
    const [label, loud] = new OperandWeights([{ weight: 1, level: 8 }, text]).next(base, [saying(0.7), saying(0.9)])
    expect([label, loud]).toEqual([1, 1])
    const [one, other] = new OperandWeights([{ weight: 1, level: 0.5 }, { weight: 1, level: 0.5 }, text]).next(base, [saying(0.5), saying(0.25), saying(0.9)])
    expect([one, other]).toEqual(new OperandWeights(operands(0.5, 0.5)).next(base, [saying(0.5), saying(0.25)]))
    // By a level of one nat it was not heard.
    const before = new OperandWeights(operands(0.5, 1))
    expect(said.map((nats) => before.next(base, [saying(0.5), saying(nats)])).at(-1)![1]).toBeLessThan(0.01)
  })

  test('what hardly moves the base is not made loud by its own measure', () => {
    const weights = new OperandWeights([{ weight: 1, level: 0.5 }, { weight: 1 }])
    expect(weights.next(base, [saying(0.5), saying(1e-5)])[1]).toBeLessThan(0.001)
  })

  test('the order of the operands does not matter', () => {
    const said = [0.2, 0.01, 0.5, 0.03].map((nats, i) => [saying(nats), saying(0.1 * i)])
    const [one, other] = [new OperandWeights(operands(0.2, 0.4)), new OperandWeights(operands(0.4, 0.2))]
    for (const [a, b] of said) expect(other.next(base, [b, a])).toEqual(one.next(base, [a, b]).toReversed())
  })
})
