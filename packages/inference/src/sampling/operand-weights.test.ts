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

  test('of two that say as much, the one that foretold what was written is believed, and the other again when the answer passes to it', () => {
    const weights = new OperandWeights(operands(0.3, 0.3))
    // Each is for another token, and both as sure.
    const [first, second] = [new TokenAnswer(Float32Array.of(2, 0)), new TokenAnswer(Float32Array.of(0, 2))]
    const write = (token: number): number[] => {
      const counted = weights.next(base, [first, second])
      weights.wrote(token)
      return counted
    }
    const same = (each: number[]): void => {
      expect(each[0]).toBeCloseTo(1, 6)
      expect(each[1]).toBeCloseTo(1, 6)
    }
    same(write(0))
    const towards = Array.from({ length: 8 }, () => write(0)[1]!)
    for (const [t, weight] of towards.entries()) expect(weight).toBeLessThan(t === 0 ? 0.2 : towards[t - 1]!)
    const back = Array.from({ length: 20 }, () => write(1))
    expect(back[0]![0]).toBe(1)
    expect(back.at(-1)![1]).toBe(1)
    expect(back.at(-1)![0]).toBeLessThan(0.01)
    // Where they are right in turn, neither is silenced.
    const turns = new OperandWeights(operands(0.3, 0.3))
    const least = Array.from({ length: 20 }, (_, t) => {
      const counted = Math.min(...turns.next(base, [first, second]))
      turns.wrote(t % 2)
      return counted
    })
    expect(Math.min(...least)).toBeGreaterThan(0.1)
  })

  test('a token that one held to be impossible silences it, and nothing becomes infinite', () => {
    const weights = new OperandWeights(operands(0.3, 0.3))
    weights.next(base, [new TokenAnswer(Float32Array.of(5000, 0)), saying(0.3)])
    weights.wrote(1)
    expect(weights.next(base, [saying(0.3), saying(0.3)])).toEqual([0, 1])
    const alone = new OperandWeights(operands(0.3))
    alone.next(base, [new TokenAnswer(Float32Array.of(5000, 0))])
    alone.wrote(1)
    expect(alone.next(base, [saying(0.3)])).toEqual([1])
  })

  test('a text is believed whatever is written, and takes nothing from the adapters beside it', () => {
    const text = { weight: 1, level: undefined }
    const [beside, without] = [new OperandWeights([...operands(0.5, 0.5), text]), new OperandWeights(operands(0.5, 0.5))]
    const [first, second, wrong] = [saying(0.3), saying(0.2), new TokenAnswer(Float32Array.of(0, 3))]
    for (let t = 0; t < 5; t++) {
      const [one, other, ofText] = beside.next(base, [first, second, wrong])
      expect([one, other]).toEqual(without.next(base, [first, second]))
      expect(ofText).toBeGreaterThan(0.5)
      for (const weights of [beside, without]) weights.wrote(0)
    }
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
