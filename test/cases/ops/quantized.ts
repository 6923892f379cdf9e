import { type TensorData, tensor } from '@weft/graph'
import { floats, type OpCase } from '../op-case.ts'

const bytes = (shape: readonly number[], factor = 37): TensorData =>
  tensor(
    'uint8',
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * factor + 11) % 256),
  )

/** A matrix `[N,K]` in blocks. */
const blocks = (bits: 4 | 8, N: number, K: number, zeroPoints: boolean): Record<string, TensorData> => {
  const count = Math.ceil(K / 32)
  return {
    data: bytes([N, count, 4 * bits]),
    scales: floats([N, count], 0.001, 0.01),
    ...(zeroPoints && { zeroPoints: bytes([N, Math.ceil((count * bits) / 8)], 91) }),
  }
}

const shapes = ([4, 8] as const).flatMap((bits) => [false, true].flatMap((zeroPoints) => [32, 64, 96].map((K) => ({ bits, zeroPoints, K }))))

/** Which inputs have a gradient: blocks do not train. */
const wrt = ['x']

export const quantizedCases: readonly OpCase[] = [
  ...shapes.flatMap(({ bits, zeroPoints, K }) =>
    [false, true].map(
      (biased): OpCase => ({
        name: `matMulNBits [2,${K}], ${bits} bits${zeroPoints ? ' with zero points' : ''}${biased ? ', a bias' : ''}`,
        inputs: { x: floats([2, K]), ...blocks(bits, 5, K, zeroPoints), ...(biased && { bias: floats([5]) }) },
        build: (g, { x, data, scales, zeroPoints, bias }) => g.matMulNBits(x, { bits, data, scales, zeroPoints }, bias),
        wrt: biased ? [...wrt, 'bias'] : wrt,
        symbols: [],
        // Activations may be rounded to 8 bits.
        precision: 0.02,
      }),
    ),
  ),
  {
    name: 'matMulNBits, by hand: the low half of a byte is first, and 8 is zero',
    inputs: {
      x: tensor('float32', [1, 32], [1, 2, ...Array(30).fill(0)]),
      data: tensor('uint8', [1, 1, 16], [0x9a, ...Array(15).fill(0x88)]),
      scales: tensor('float32', [1, 1], [0.5]),
    },
    build: (g, { x, data, scales }) => g.matMulNBits(x, { bits: 4, data, scales }),
    expected: [0.5 * (1 * 2 + 2 * 1)],
    wrt,
    symbols: [],
    precision: 0.02,
  },
  ...shapes.map(
    ({ bits, zeroPoints, K }): OpCase => ({
      name: `gatherBlockQuantized [5,${K}], ${bits} bits${zeroPoints ? ' with zero points' : ''}`,
      inputs: { ids: tensor('int64', [2, 2], [4, 0, 2, 2]), ...blocks(bits, 5, K, zeroPoints) },
      build: (g, { ids, data, scales, zeroPoints }) => g.gatherBlockQuantized(ids, { bits, data: g.reshape(data, [5, (K * bits) / 8]), scales, zeroPoints }),
      wrt: [],
      symbols: [],
    }),
  ),
]
