import { type GraphBuilder, type TensorData, tensor, type Value } from '@weft/graph'
import { awayFromZero, booleans, broadcastPairs, floats, integers, type OpCase } from '../op-case.ts'

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'min' | 'equal' | 'less' | 'greater' | 'and' | 'or'

const over = (op: Binary, a: (shape: readonly number[]) => TensorData, b = a, wrt?: readonly string[]): OpCase[] =>
  broadcastPairs.map(([left, right]) => ({
    name: `${op} [${left}] [${right}]`,
    inputs: { a: a(left), b: b(right) },
    build: (g: GraphBuilder, x) => g[op](x.a, x.b),
    wrt,
  }))

const positive = (shape: readonly number[]) => floats(shape, 0.5, 2)
const one = (shape: readonly number[], ...values: number[]) => tensor('float32', shape, values)

export const binaryCases: readonly OpCase[] = [
  // Both gradients of a ± b are ± ct; of a·b the other factor; of a/b they are 1/b and −a/b²; of aᵇ b·aᵇ⁻¹ and aᵇ·log a.
  ...over('add', floats),
  ...over('sub', floats),
  ...over('mul', floats),
  ...over('div', floats, awayFromZero),
  ...over('pow', positive, floats),
  ...over('max', floats),
  ...over('min', floats),
  ...over('equal', (s) => integers(s, 2)),
  ...over('less', floats),
  ...over('greater', floats),
  ...over('and', booleans),
  ...over('or', booleans),
  // y = x² + 5x + 4, dy/dx = 2x + 5
  { name: 'a polynomial', inputs: { x: one([2], 3, -1) }, build: (g, { x }) => g.add(g.add(g.mul(x, x), g.mul(5, x)), 4), expected: [28, 0] },
  { name: 'pow by a number', inputs: { x: one([3], 3, -1, 2) }, build: (g, { x }) => g.pow(x, 2), expected: [9, 1, 4] },
  { name: 'pow by three', inputs: { x: one([3], 3, -1, 2) }, build: (g, { x }) => g.pow(x, 3), expected: [27, -1, 8] },
  { name: 'integers', inputs: { a: integers([4], 9, 'int32'), b: integers([4], 9, 'int32') }, build: (g, { a, b }) => [g.add(a, b), g.mul(a, b), g.sub(a, b)] },
  { name: 'a value with itself', inputs: { x: floats([3]) }, build: (g, { x }): Value[] => [g.mul(x, x), g.sub(x, x), g.div(g.add(x, 3), g.add(x, 3))] },
]
