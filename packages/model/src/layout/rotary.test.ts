import { expect, test } from 'vitest'
import { inverseFrequencies, RotaryTable } from './rotary.ts'

const plain = { headDim: 8, theta: 10_000, scaling: { ropeType: 'default' } } as const

test('pair i turns by theta^(-2i/D) a position', () => {
  expect([...inverseFrequencies(plain)]).toEqual([1, 0.1, 0.01, 0.001].map((frequency) => expect.closeTo(frequency, 8)))
})

test('where a part of each head is rotated, frequencies are of that part', () => {
  const [part, alone] = [
    { ...plain, headDim: 12, rotaryDim: 8 },
    { ...plain, headDim: 8 },
  ]
  expect(inverseFrequencies(part)).toEqual(inverseFrequencies(alone))
  expect(new RotaryTable(part).tables([5])).toEqual(new RotaryTable(alone).tables([5]))
})

test('tables hold the cosine and sine of position times frequency, whatever order positions come in', () => {
  const table = new RotaryTable(plain)
  const { cos, sin } = table.tables([700, 3, 0])
  expect(cos[0]).toBe(Math.fround(Math.cos(700)))
  expect(sin[1 * 4 + 1]).toBe(Math.fround(Math.sin(Math.fround(Math.fround(0.1) * 3))))
  expect([...cos.subarray(8)]).toEqual([1, 1, 1, 1])
  const one = { cos: new Float32Array(8), sin: new Float32Array(8) }
  table.write([700], one.cos, one.sin, 1)
  expect([...one.cos]).toEqual([0, 0, 0, 0, ...cos.subarray(0, 4)])
})

test('llama3 scaling keeps fast pairs, divides slow ones and blends those between', () => {
  // Llama 3.1's own numbers: head 128, theta 5e5, factor 8, low 1, high 4, 8192 original positions.
  const scaling = { ropeType: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 8192 } as const
  const before = inverseFrequencies({ headDim: 128, theta: 500_000, scaling: { ropeType: 'default' } })
  const after = inverseFrequencies({ headDim: 128, theta: 500_000, scaling })
  const ratio = [...after].map((frequency, i) => before[i] / frequency)
  expect(ratio[0]).toBe(1)
  expect(ratio[63]).toBe(8)
  const wavelength = (i: number) => (2 * Math.PI) / before[i]
  ratio.forEach((r, i) => {
    if (wavelength(i) < 8192 / 4) expect(r).toBe(1)
    else if (wavelength(i) > 8192) expect(r).toBeCloseTo(8, 12)
    else expect(r).toSatisfy((x: number) => x >= 1 && x <= 8)
  })
  expect(ratio.some((r) => r > 1.01 && r < 7.99)).toBe(true)
  // Those between, from transformers 5.24.0, to the last bit.
  const between = {
    29: 0.0021665706299245358,
    30: 0.0013718936825171113,
    31: 0.0008567514596506953,
    32: 0.0005248460220173001,
    33: 0.0003126936499029398,
    34: 0.0001785077911335975,
  }
  expect(Object.fromEntries(Object.keys(between).map((pair) => [pair, after[Number(pair)]]))).toEqual(between)
})

test('factors of each frequency are what llama.cpp makes of a llama3 scaling', () => {
  const scaling = { ropeType: 'llama3', factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 8192 } as const
  const plain = { headDim: 64, theta: 500_000 }
  // convert_hf_to_gguf.py: whole waves over the original context tell how far a frequency is stretched.
  const factors = Array.from({ length: 32 }, (_, i) => {
    const wavelength = 2 * Math.PI * 500_000 ** ((2 * i) / 64)
    if (wavelength < 8192 / 4) return 1
    if (wavelength > 8192) return 32
    const smooth = (8192 / wavelength - 1) / (4 - 1)
    return Math.fround(1 / ((1 - smooth) / 32 + smooth))
  })
  expect(factors.some((factor) => factor > 1 && factor < 32)).toBe(true)
  const expected = inverseFrequencies({ ...plain, scaling })
  const got = inverseFrequencies({ ...plain, scaling: { ropeType: 'factors', factors } })
  for (const [i, frequency] of got.entries()) expect(Math.abs(frequency / expected[i] - 1)).toBeLessThan(2e-7)
})

test('linear scaling stretches every position', () => {
  const { cos } = new RotaryTable({ ...plain, scaling: { ropeType: 'linear', factor: 4 } }).tables([8])
  expect([...cos]).toEqual([...new RotaryTable(plain).tables([2]).cos])
})

test("yarn's frequencies and its factor of cosines and sines are transformers'", () => {
  // Qwen2.5's own numbers, as its model card has them added: head 64, theta 1e6, factor 4, 32768 original positions. From transformers 5.24.0.
  const scaling = {
    ropeType: 'yarn',
    factor: 4,
    attentionFactor: 1.138629436111989,
    betaFast: 32,
    betaSlow: 1,
    originalMaxPositions: 32_768,
    truncate: true,
  } as const
  const settings = { headDim: 64, theta: 1e6, scaling }
  const frequencies = inverseFrequencies(settings)
  const expected = {
    0: 1,
    14: 0.0017785303061828017,
    16: 0.0005833333707414567,
    20: 4.4456985051510856e-5,
    24: 7.905693564680405e-6,
    31: 3.8498163235090033e-7,
  }
  for (const [pair, value] of Object.entries(expected)) expect(frequencies[Number(pair)] / value, pair).toEqual(expect.closeTo(1, 6))
  const { cos, sin } = new RotaryTable(settings).tables([100_000])
  for (const [pair, c, s] of [
    [0, -1.1379016637802124, 0.0407046340405941],
    [20, -0.30007457733154297, -1.0983771085739136],
    [31, 1.137785792350769, 0.04382431134581566],
  ]) {
    expect(cos[pair], `${pair}`).toBeCloseTo(c, 6)
    expect(sin[pair], `${pair}`).toBeCloseTo(s, 6)
  }
  const wide = { ...scaling, factor: 32, betaFast: 3, betaSlow: 0.5, originalMaxPositions: 64, truncate: false } as const
  expect([...inverseFrequencies({ headDim: 8, theta: 1e4, scaling: wide })]).toEqual([1, 0.04159732908010483, 0.0003124999930150807, 3.125000148429535e-5])
})

test("longrope's frequencies are divided by the short factors, and cosines and sines times its factor, as in transformers", () => {
  // A head of 16 of which 12 are rotated, theta 250000, 64 of 256 positions original. From transformers 5.14.1.
  const scaling = { ropeType: 'longrope', factors: [1, 1.02, 1.3, 1.7, 2.5, 3], attentionFactor: 1.1547005383792517, originalMaxPositions: 64 } as const
  const settings = { headDim: 16, rotaryDim: 12, theta: 250_000, scaling }
  const expected = [1.0, 0.12352167814970016, 0.012210776098072529, 0.001176470541395247, 0.00010079365893034264, 1.0582676623016596e-5]
  for (const [pair, frequency] of inverseFrequencies(settings).entries()) expect(frequency / expected[pair], `${pair}`).toEqual(expect.closeTo(1, 6))
  const { cos, sin } = new RotaryTable(settings).tables([63])
  expect([...cos]).toEqual(
    [1.1384153366088867, 0.08320026844739914, 0.8295512199401855, 1.151530385017395, 1.1546772718429565, 1.1547002792358398].map((value) =>
      expect.closeTo(value, 6),
    ),
  )
  expect([...sin]).toEqual(
    [0.19324570894241333, 1.151699185371399, 0.8032297492027283, 0.08550534397363663, 0.007332299370318651, 0.0007698487024754286].map((value) =>
      expect.closeTo(value, 6),
    ),
  )
})
