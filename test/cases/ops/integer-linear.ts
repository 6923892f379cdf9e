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
