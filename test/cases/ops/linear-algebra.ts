import { tensor } from '@weft/graph'
import { floats, type OpCase } from '../op-case.ts'

const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [3, 4],
  ],
  [
    [5, 2, 3],
    [3, 4],
  ],
  [
    [2, 3],
    [5, 3, 4],
  ],
  [
    [5, 2, 3],
    [5, 3, 4],
  ],
  [
    [6, 1, 2, 3],
    [5, 3, 4],
  ],
  [
    [1, 2, 3],
    [5, 3, 4],
  ],
]

export const linearAlgebraCases: readonly OpCase[] = [
  // y = a·b: da = ct·bᵀ, db = aᵀ·ct, summed over the axes along which an operand was broadcast.
  ...pairs.map(([a, b]): OpCase => ({ name: `matMul [${a}] [${b}]`, inputs: { a: floats(a), b: floats(b) }, build: (g, x) => g.matMul(x.a, x.b) })),
  {
    name: 'matMul, by hand',
    inputs: { a: tensor('float32', [2, 2], [1, 2, 3, 4]), b: tensor('float32', [2, 1], [10, 1]) },
    build: (g, { a, b }) => g.matMul(a, b),
    expected: [12, 34],
  },
  ...[false, true].flatMap((transA) =>
    [false, true].flatMap((transB) =>
      [undefined, [4], [2, 1], [2, 4], []].map(
        (c): OpCase => ({
          name: `gemm${transA ? ' aᵀ' : ''}${transB ? ' bᵀ' : ''}${c ? ` + [${c}]` : ''}`,
          inputs: { a: floats(transA ? [3, 2] : [2, 3]), b: floats(transB ? [4, 3] : [3, 4]), ...(c && { c: floats(c) }) },
          build: (g, x) => g.gemm(x.a, x.b, { transA, transB, c: x.c, alpha: 0.5 }),
        }),
      ),
    ),
  ),
]
