import { type TensorData, tensor } from '@weft/graph'
import { floats, type OpCase } from '../op-case.ts'

const bytes = (shape: readonly number[]): TensorData =>
  tensor(
    'int8',
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 37 + 11) % 255) - 127),
  )

/** A matrix of `[K,N]` and one of `[N,K]`. */
const matrices = (K: number, N: number): Record<string, TensorData> => ({
  data: bytes([K, N]),
  scales: floats([N], 0.001, 0.01),
  back: bytes([N, K]),
  backScales: floats([K], 0.001, 0.01),
})

/** Rounding has no slope that differences could find: the gradient is tested where a model trains. */
const wrt: string[] = []

export const integerLinearCases: readonly OpCase[] = [
  {
    name: 'quantizeLinear by hand: halves go to the even step, and what is beyond the range stays in it',
    inputs: {
      x: tensor('float32', [2, 4], [0.5, 1.5, -0.5, 1000, 2, 4, -4, 0]),
      scale: tensor('float32', [2], [1, 2]),
      zero: tensor('uint8', [2], [128, 128]),
    },
    build: (g, { x, scale, zero }) => g.quantizeLinear(x, scale, zero),
    expected: [128, 130, 128, 255, 129, 130, 126, 128],
    wrt,
    symbols: [],
  },
  {
    name: 'matMulIntegerToFloat by hand',
    inputs: {
      a: tensor('uint8', [2, 2], [130, 127, 128, 0]),
      b: tensor('int8', [2, 2], [1, -2, 3, 4]),
      scale: tensor('float32', [], [2]),
      scales: tensor('float32', [2], [1, 0.5]),
      zero: tensor('uint8', [], [128]),
    },
    build: (g, { a, b, scale, scales, zero }) => g.matMulIntegerToFloat(a, b, scale, scales, zero),
    expected: [-2, -8, -768, -512],
    wrt,
    symbols: [],
  },
  ...[
    [3, 8, 5],
    [1, 32, 7],
    [6, 64, 64],
  ].map(
    ([M, K, N]): OpCase => ({
      name: `integerLinear [${M},${K}] to ${N}`,
      inputs: { x: floats([M, K]), ...matrices(K, N) },
      build: (g, { x, data, scales, back, backScales }) => g.integerLinear(x, { data, scales }, { data: back, scales: backScales }),
      wrt,
      symbols: [M],
      // A number in the middle between two steps may fall to either side.
      precision: 0.01,
      byteProducts: true,
    }),
  ),
  {
    name: 'integerLinear by hand: a row has a scale of its own, and a row of zeros stays one',
    inputs: {
      x: tensor('float32', [3, 2], [127, 1, 0.127, -0.001, 0, 0]),
      data: tensor('int8', [2, 1], [2, 3]),
      scales: tensor('float32', [1], [0.5]),
      back: tensor('int8', [1, 2], [2, 3]),
      backScales: tensor('float32', [2], [0.5, 0.5]),
    },
    build: (g, { x, data, scales, back, backScales }) => g.integerLinear(x, { data, scales }, { data: back, scales: backScales }),
    expected: [128.5, 0.1255, 0],
    wrt,
    symbols: [],
  },
]
