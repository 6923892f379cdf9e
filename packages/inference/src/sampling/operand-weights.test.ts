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

const shares = (weights: OperandWeights, ...answers: TokenAnswer[]): number[] => weights.next(base, answers).experts.map(({ weight }) => weight)
const moves = (weights: OperandWeights, ...answers: TokenAnswer[]): number[] => weights.next(base, answers).texts.map(({ weight }) => weight)
const text = { weight: 1, level: undefined }

describe("operands' weights over one answer", () => {
  test('one alone is the whole mixture at every token, silent or not, at its strength', () => {
    const weights = new OperandWeights([{ weight: 0.5, level: 3 }])
    for (const nats of [0.4, 0, 0.001, 0.6]) {
      const answer = saying(nats)
      const [{ weight, answer: written }, ...others] = weights.next(base, [answer]).experts
      expect([weight, others]).toEqual([1, []])
      expect(written!.logits).toEqual(answer.logits.map((logit) => logit / 2))
    }
  })

  test('each has its share by what it says in its own measure, and a fiftieth is everyone’s', () => {
    // 0.6 beside 0.15 of what each usually says.
    const [loud, quiet] = shares(new OperandWeights(operands(0.5, 2)), saying(0.3), saying(0.3))
    expect(loud).toBeCloseTo(0.98 * 0.8 + 0.01, 4)
    expect(quiet).toBeCloseTo(0.98 * 0.2 + 0.01, 4)
    const three = shares(new OperandWeights(operands(1, 1, 1)), saying(0.4), saying(0.2), saying(0.2))
    expect(three[0]).toBeCloseTo(0.98 * 0.5 + 0.02 / 3, 4)
    expect(three[1]! + three[2]! + three[0]!).toBeCloseTo(1, 12)
  })

  test('a whisper at a token where the operand that is meant has nothing to add has a small share', () => {
    const weights = new OperandWeights(operands(0.3, 0.3))
    shares(weights, saying(0.3), saying(0.02))
    const [, other] = shares(weights, saying(0.001), saying(0.02))
    expect(other).toBeLessThan(0.15)
    // Without what was said before it would have nearly all of it.
    expect(shares(new OperandWeights(operands(0.3, 0.3)), saying(0.001), saying(0.02))[1]).toBeGreaterThan(0.9)
  })

  test('an answer passes from one operand to another within a few tokens', () => {
    const weights = new OperandWeights(operands(0.3, 0.3))
    for (let token = 0; token < 50; token++) shares(weights, saying(0.3), saying(0))
    const after = Array.from({ length: 12 }, () => shares(weights, saying(0), saying(0.3)))
    expect(after.findIndex(([first, second]) => second! > first!)).toBeLessThanOrEqual(3)
    expect(after.at(-1)![0]).toBeLessThan(0.1)
  })

  test('an operand that differs from the base in its last bits has no share either', () => {
    const logits = Float32Array.from({ length: 100 }, (_, v) => Math.sin(v))
    const own = new TokenAnswer(logits)
    const same = new TokenAnswer(logits.map((logit, v) => logit + 1e-6 * (v % 3)))
    const other = new TokenAnswer(logits.map((logit, v) => logit + v / 50))
    expect(same.divergenceFrom(own)).toBeGreaterThan(0)
    const { experts } = new OperandWeights(operands(0.3, 0.3)).next(own, [same, other])
    expect(experts.map(({ weight }) => weight)).toEqual([0, 1])
  })

  test('an operand that answers as the base does has no share; where all do, in equal parts', () => {
    const weights = new OperandWeights(operands(1, 1))
    expect(shares(weights, base, base)).toEqual([0.5, 0.5])
    expect(shares(weights, saying(0.2), base)).toEqual([1, 0])
    // Nor has one of strength 0, whatever it would say.
    expect(
      shares(
        new OperandWeights([
          { weight: 1, level: 1 },
          { weight: 0, level: 1 },
        ]),
        saying(0.2),
        saying(0.3),
      ),
    ).toEqual([1])
    expect(new OperandWeights([{ weight: 0, level: 1 }]).next(base, [saying(0.3)])).toEqual({ experts: [], texts: [] })
  })

  test('a strength is how far an operand goes from the base, and what it says there is what counts', () => {
    const answer = saying(0.3)
    const half = answer.atStrength(0.5, base)
    const weights = new OperandWeights([
      { weight: 1, level: 0.3 },
      { weight: 0.5, level: 0.3 },
    ])
    const said = half.divergenceFrom(base)
    expect(said).toBeLessThan(0.15)
    for (let token = 0; token < 3; token++) expect(shares(weights, answer, answer)[1]).toBeCloseTo((0.98 * said) / (0.3 + said) + 0.01, 6)
    // One that hardly says anything by its strength has hardly more than its part of what is everyone's, whatever it would say at 1.
    expect(
      shares(
        new OperandWeights([
          { weight: 1, level: 0.3 },
          { weight: 0.001, level: 0.3 },
        ]),
        answer,
        answer,
      )[1],
    ).toBeLessThan(0.0101)
  })

  test('a text is measured by its own answer: it is heard beside one that is meant, and takes nothing from it', () => {
    const said = [0.02, 0.03, 0.01, 0.02, 0.025]
    const meant = new OperandWeights([{ weight: 1, level: 0.5 }, text])
    const last = said.map((nats) => meant.next(base, [saying(0.5), saying(nats)])).at(-1)!
    expect(last.experts.map(({ weight }) => weight)).toEqual([1])
    expect(last.texts[0]!.weight).toBeGreaterThan(0.8)
    // It counts in full where what is trained says nothing of its own.
    const foreign = new OperandWeights([{ weight: 1, level: 0.5 }, text])
    expect(said.map((nats) => moves(foreign, saying(0.01), saying(nats))).at(-1)).toEqual([1])
    // Two labels have the shares that they have without it, however loud it is.
    const both = new OperandWeights([{ weight: 1, level: 0.5 }, { weight: 1, level: 0.5 }, text])
    expect(shares(both, saying(0.5), saying(0.25), saying(0.9))).toEqual(shares(new OperandWeights(operands(0.5, 0.5)), saying(0.5), saying(0.25)))
    expect(moves(new OperandWeights([{ weight: 1, level: 8 }, text]), saying(0.7), saying(0.9))).toEqual([1])
    // And where it is half as loud as one that is trained, by the square of that.
    expect(moves(new OperandWeights([{ weight: 1, level: 0.25 }, { weight: 0.5 }]), saying(0.5), saying(0.2))[0]).toBeCloseTo(0.5 * 0.5 ** 2, 4)
  })

  test('of two that say as much, the one that foretold what was written is believed, and the other again when the answer passes to it', () => {
    const weights = new OperandWeights(operands(0.3, 0.3))
    // Each is for another token, and both as sure.
    const [first, second] = [new TokenAnswer(Float32Array.of(2, 0)), new TokenAnswer(Float32Array.of(0, 2))]
    const write = (token: number): number[] => {
      const counted = shares(weights, first, second)
      weights.wrote(token)
      return counted
    }
    const same = (each: number[]): void => {
      expect(each[0]).toBeCloseTo(0.5, 6)
      expect(each[1]).toBeCloseTo(0.5, 6)
    }
    same(write(0))
    // The odds are by how much better the one foretold it: here e².
    const towards = Array.from({ length: 8 }, () => write(0)[1]!)
    expect(towards[0]).toBeCloseTo(0.98 / (1 + Math.exp(2)) + 0.01, 4)
    for (const [t, weight] of towards.entries()) if (t > 0) expect(weight).toBeLessThan(towards[t - 1]!)
    const back = Array.from({ length: 20 }, () => write(1))
    expect(back[0]![0]).toBeGreaterThan(0.98)
    expect(back.at(-1)![1]).toBeGreaterThan(0.98)
    // Where they are right in turn, neither is silenced.
    const turns = new OperandWeights(operands(0.3, 0.3))
    const least = Array.from({ length: 20 }, (_, t) => {
      const counted = Math.min(...shares(turns, first, second))
      turns.wrote(t % 2)
      return counted
    })
    expect(Math.min(...least)).toBeGreaterThan(0.1)
  })

  test('a token that one held to be impossible leaves it its part of what is everyone’s, and nothing becomes infinite', () => {
    const weights = new OperandWeights(operands(0.3, 0.3))
    shares(weights, new TokenAnswer(Float32Array.of(5000, 0)), saying(0.3))
    weights.wrote(1)
    const [silenced, believed] = shares(weights, saying(0.3), saying(0.3))
    expect(silenced).toBeCloseTo(0.01, 12)
    expect(believed).toBeCloseTo(0.99, 12)
    const alone = new OperandWeights(operands(0.3))
    shares(alone, new TokenAnswer(Float32Array.of(5000, 0)))
    alone.wrote(1)
    expect(shares(alone, saying(0.3))).toEqual([1])
    // The one that foretold all of it has nothing to say here.
    const far = new OperandWeights(operands(0.3, 0.3))
    shares(far, base, new TokenAnswer(Float32Array.of(5000, 0)))
    far.wrote(1)
    expect(shares(far, base, saying(0.3))).toEqual([0, 1])
  })

  test('a text is believed whatever is written, and takes nothing from the adapters beside it', () => {
    const [beside, without] = [new OperandWeights([...operands(0.5, 0.5), text]), new OperandWeights(operands(0.5, 0.5))]
    const [first, second, wrong] = [saying(0.3), saying(0.2), new TokenAnswer(Float32Array.of(0, 3))]
    for (let t = 0; t < 5; t++) {
      const { experts, texts } = beside.next(base, [first, second, wrong])
      expect(experts.map(({ weight }) => weight)).toEqual(shares(without, first, second))
      expect(texts[0]!.weight).toBeGreaterThan(0.5)
      for (const weights of [beside, without]) weights.wrote(0)
    }
  })

  test('what hardly moves the base is not made loud by its own measure', () => {
    expect(moves(new OperandWeights([{ weight: 1, level: 0.5 }, text]), saying(0.5), saying(1e-5))[0]).toBeLessThan(0.001)
  })

  test('an answer that is no number leaves no share that is one', () => {
    const broken = new TokenAnswer(Float32Array.of(Number.NaN, 0))
    expect(shares(new OperandWeights(operands(1, 1)), broken, saying(0.2))).toEqual([Number.NaN, Number.NaN])
  })

  test('the order of the operands does not matter', () => {
    const said = [0.2, 0.01, 0.5, 0.03].map((nats, i) => [saying(nats), saying(0.1 * i)])
    const [one, other] = [new OperandWeights(operands(0.2, 0.4)), new OperandWeights(operands(0.4, 0.2))]
    for (const [a, b] of said) expect(shares(other, b!, a!)).toEqual(shares(one, a!, b!).toReversed())
  })
})
