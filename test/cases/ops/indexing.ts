import { tensor } from '@weft/graph'
import { floats, integers, type OpCase } from '../op-case.ts'

const at = (shape: readonly number[], ...values: number[]) => tensor('int64', shape, values)

export const indexingCases: readonly OpCase[] = [
  // The gradient adds every ct up at the index it was read from; an index read twice gets both.
  { name: 'gather rows', inputs: { x: floats([5, 3]), i: at([4], 1, 4, 1, 0) }, build: (g, { x, i }) => g.gather(x, i, 0) },
  { name: 'gather rows by a matrix', inputs: { x: floats([5, 3]), i: integers([2, 4], 5) }, build: (g, { x, i }) => g.gather(x, i, 0) },
  { name: 'gather by int32', inputs: { x: floats([5, 3]), i: integers([4], 5, 'int32') }, build: (g, { x, i }) => g.gather(x, i, 0) },
  { name: 'gather columns', inputs: { x: floats([2, 5, 3]), i: at([2, 2], 0, 4, 4, 1) }, build: (g, { x, i }) => g.gather(x, i, 1) },
  { name: 'gather from the end', inputs: { x: floats([5, 3]), i: at([2], -1, 2) }, build: (g, { x, i }) => g.gather(x, i, 0) },
  ...[0, 1, 2].map((axis): OpCase => ({ name: `gather one of axis ${axis}`, inputs: { x: floats([2, 3, 4]) }, build: (g, { x }) => g.gather(x, 1, axis) })),
  { name: 'gather the last', inputs: { x: floats([2, 3]) }, build: (g, { x }) => g.gather(x, -1, 1) },
  { name: 'gatherElements', inputs: { x: floats([3, 4]), i: integers([3, 2], 4) }, build: (g, { x, i }) => g.gatherElements(x, i, 1) },
  { name: 'gatherElements 0', inputs: { x: floats([3, 4]), i: integers([2, 4], 3) }, build: (g, { x, i }) => g.gatherElements(x, i, 0) },
  {
    name: 'scatterElements',
    inputs: { x: floats([2, 4]), i: at([2, 2], 3, 1, 0, 2), u: floats([2, 2]) },
    build: (g, { x, i, u }) => g.scatterElements(x, i, u, { axis: 1 }),
  },
  {
    name: 'scatterElements add',
    inputs: { x: floats([2, 4]), i: at([2, 3], 3, 3, 1, 0, 2, 0), u: floats([2, 3]) },
    build: (g, { x, i, u }) => g.scatterElements(x, i, u, { axis: 1, reduction: 'add' }),
  },
  { name: 'gatherND', inputs: { x: floats([2, 3, 4]), i: at([3, 2], 0, 1, 1, 2, 0, 1) }, build: (g, { x, i }) => g.gatherND(x, i), symbols: [4] },
  { name: 'scatterND', inputs: { x: floats([4, 3]), i: at([2, 1], 3, 1), u: floats([2, 3]) }, build: (g, { x, i, u }) => g.scatterND(x, i, u) },
  {
    name: 'scatterND add',
    inputs: { x: floats([4, 3]), i: at([3, 1], 3, 1, 3), u: floats([3, 3]) },
    build: (g, { x, i, u }) => g.scatterND(x, i, u, { reduction: 'add' }),
  },
  {
    name: 'scatterND of elements',
    inputs: { x: floats([4, 3]), i: at([3, 2], 3, 1, 0, 0, 3, 1), u: floats([3]) },
    build: (g, { x, i, u }) => g.scatterND(x, i, u, { reduction: 'add' }),
    symbols: [4],
  },
]
