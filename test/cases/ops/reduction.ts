import { type GraphBuilder, tensor } from '@weft/graph'
import { floats, integers, type OpCase } from '../op-case.ts'

const axes: readonly (readonly number[] | undefined)[] = [undefined, [0], [-1], [1, 2], []]

export const reductionCases: readonly OpCase[] = [
  // Σ: ct everywhere. Mean: ct/n. Σx²: 2x·ct. Max: ct at the maximum, shared between equal ones.
  ...(['reduceSum', 'reduceMean', 'reduceSumSquare', 'reduceMax'] as const).flatMap((op) =>
    axes
      .filter((over) => op !== 'reduceSumSquare' || over?.length !== 0)
      .flatMap((over) =>
        [true, false].map(
          (keepdims): OpCase => ({
            name: `${op} ${over ? `[${over}]` : 'all'}${keepdims ? '' : ' dropped'}`,
            inputs: { x: floats([2, 3, 4]) },
            build: (g: GraphBuilder, { x }) => g[op](x, { axes: over, keepdims }),
          }),
        ),
      ),
  ),
  {
    name: 'reduceMean, by hand',
    inputs: { x: tensor('float32', [2, 2], [1, 2, 3, 5]) },
    build: (g, { x }) => g.reduceMean(x, { axes: [1] }),
    expected: [1.5, 4],
  },
  { name: 'reduceSum of int32', inputs: { x: integers([2, 3], 9, 'int32') }, build: (g, { x }) => g.reduceSum(x, { axes: [1] }) },
  ...[0, 1, -1].flatMap((axis) =>
    [true, false].map(
      (keepdims): OpCase => ({
        name: `argMax ${axis}${keepdims ? '' : ' dropped'}`,
        inputs: { x: floats([2, 3, 4]) },
        build: (g, { x }) => g.argMax(x, { axis, keepdims }),
      }),
    ),
  ),
  // dx = y ⊙ (ct − Σ ct ⊙ y)
  ...[0, 1, -1].map((axis): OpCase => ({ name: `softmax ${axis}`, inputs: { x: floats([2, 3, 4], -3, 3) }, build: (g, { x }) => g.softmax(x, { axis }) })),
  {
    name: 'softmax of large numbers',
    inputs: { x: tensor('float32', [1, 3], [1000, 1000, -1e30]) },
    build: (g, { x }) => g.softmax(x),
    expected: [0.5, 0.5, 0],
    wrt: [],
  },
]
