import { type GraphBuilder, tensor } from '@weft/graph'
import { awayFromZero, booleans, floats, integers, type OpCase } from '../op-case.ts'

const smooth = ['neg', 'exp', 'tanh', 'sigmoid', 'silu', 'erf', 'sin', 'cos'] as const
const kinked = ['abs', 'relu'] as const
const positive = ['log', 'sqrt', 'reciprocal'] as const

const each = (
  names: readonly ((typeof smooth)[number] | (typeof kinked)[number] | (typeof positive)[number])[],
  input: () => OpCase['inputs'][string],
): OpCase[] => names.map((op) => ({ name: op, inputs: { x: input() }, build: (g: GraphBuilder, { x }) => g[op](x) }))

export const unaryCases: readonly OpCase[] = [
  ...each(smooth, () => floats([2, 5], -3, 3)),
  ...each(kinked, () => awayFromZero([2, 5])),
  ...each(positive, () => floats([2, 5], 0.3, 3)),
  // erf(0) = 0, erf(±∞) = ±1, erf(1) = 0.8427007929
  { name: 'erf, known values', inputs: { x: tensor('float32', [4], [0, 1, 9, -9]) }, build: (g, { x }) => g.erf(x), expected: [0, 0.8427007929, 1, -1] },
  { name: 'sigmoid, far out', inputs: { x: tensor('float32', [2], [200, -200]) }, build: (g, { x }) => g.sigmoid(x), expected: [1, 0] },
  { name: 'stopGradient', inputs: { x: floats([4]) }, build: (g, { x }) => g.stopGradient(g.exp(x)), wrt: [] },
  { name: 'not', inputs: { x: booleans([6]) }, build: (g, { x }) => g.not(x) },
  {
    name: 'cast to integers',
    inputs: { x: tensor('float32', [4], [1.7, -1.7, 0, 3]) },
    build: (g, { x }) => [g.cast(x, 'int32'), g.cast(x, 'int64')],
    expected: [1, -1, 0, 3],
  },
  { name: 'cast to bool', inputs: { x: tensor('float32', [3], [0, 0.5, -2]) }, build: (g, { x }) => g.cast(x, 'bool'), expected: [0, 1, 1] },
  { name: 'cast from integers', inputs: { x: integers([5], 9) }, build: (g, { x }) => g.cast(x, 'float32') },
  { name: 'cast through halves', inputs: { x: floats([5]) }, build: (g, { x }) => g.cast(g.cast(x, 'float16'), 'float32') },
  { name: 'cast to the same', inputs: { x: floats([5]) }, build: (g, { x }) => g.exp(g.cast(x, 'float32')) },
]
