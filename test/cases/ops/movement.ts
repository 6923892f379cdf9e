import { mulDims, tensor } from '@weft/graph'
import { floats, integers, type OpCase } from '../op-case.ts'

export const movementCases: readonly OpCase[] = [
  { name: 'reshape, joining', inputs: { x: floats([2, 3, 4]) }, build: (g, { x }) => g.reshape(x, [mulDims(x.shape[0], x.shape[1]), x.shape[2]]) },
  { name: 'reshape, -1', inputs: { x: floats([2, 3, 4]) }, build: (g, { x }) => g.reshape(x, [x.shape[0], -1]) },
  { name: 'reshape, splitting', inputs: { x: floats([2, 5, 6]) }, build: (g, { x }) => g.reshape(x, [...x.shape.slice(0, 2), 2, 3]), symbols: [2, 5] },
  {
    name: 'reshape, joined and split again',
    inputs: { x: floats([2, 3, 4]) },
    build: (g, { x }) => g.reshape(g.exp(g.reshape(x, [mulDims(x.shape[0], x.shape[1]), x.shape[2]])), x.shape),
  },
  { name: 'reshape, a new axis', inputs: { x: floats([2, 3]) }, build: (g, { x }) => g.reshape(x, [x.shape[0], 1, x.shape[1]]) },
  ...[
    [1, 0, 2],
    [2, 0, 1],
    [0, 2, 1],
  ].map((perm): OpCase => ({ name: `transpose [${perm}]`, inputs: { x: floats([2, 3, 4]) }, build: (g, { x }) => g.transpose(x, perm) })),
  {
    name: 'transpose, by hand',
    inputs: { x: tensor('float32', [2, 3], [1, 2, 3, 4, 5, 6]) },
    build: (g, { x }) => g.transpose(x, [1, 0]),
    expected: [1, 4, 2, 5, 3, 6],
  },
  ...[0, 1, -1].map(
    (axis): OpCase => ({
      name: `concat ${axis}`,
      inputs: { a: floats([2, 3, 4]), b: floats([2, 3, 4].map((d, i) => (i === (axis + 3) % 3 ? 5 : d))), c: floats([2, 3, 4]) },
      build: (g, { a, b, c }) => g.concat([a, b, c], axis),
    }),
  ),
  { name: 'concat, one part twice', inputs: { a: floats([2, 3]) }, build: (g, { a }) => g.concat([a, a], 1) },
  { name: 'split', inputs: { x: floats([2, 7]) }, build: (g, { x }) => g.split(x, [3, 1, 3], 1), symbols: [2] },
  { name: 'split, one part unused', inputs: { x: floats([2, 4]) }, build: (g, { x }) => g.exp(g.split(x, [3, 1], -1)[0]), symbols: [2] },
  { name: 'slice', inputs: { x: floats([4, 5]) }, build: (g, { x }) => g.slice(x, { starts: [1, 0], ends: [3, -1], axes: [0, 1] }) },
  { name: 'slice to the end', inputs: { x: floats([4, 5]) }, build: (g, { x }) => g.slice(x, { starts: [-3], ends: [Infinity], axes: [1] }) },
  {
    name: 'slice at a size',
    inputs: { p: floats([2, 3]), x: floats([5, 3]) },
    build: (g, { p, x }) => {
      const both = g.concat([p, x], 0)
      return g.slice(both, { starts: [p.shape[0]], ends: [both.shape[0]], axes: [0] })
    },
  },
  { name: 'expand', inputs: { x: floats([1, 3]), y: floats([2, 3]) }, build: (g, { x, y }) => g.expand(x, y.shape) },
  { name: 'expand, new axes', inputs: { x: floats([3]), y: floats([2, 4, 3]) }, build: (g, { x, y }) => g.expand(x, y.shape) },
  { name: 'pad', inputs: { x: floats([2, 3]) }, build: (g, { x }) => g.pad(x, { pads: [1, 0, 0, 2], value: 0.5 }) },
  { name: 'pad, by hand', inputs: { x: tensor('float32', [1, 2], [1, 2]) }, build: (g, { x }) => g.pad(x, { pads: [0, 1, 0, 1] }), expected: [0, 1, 2, 0] },
  {
    name: 'movement of indices',
    inputs: { x: integers([4, 3], 9) },
    build: (g, { x }) => [g.reshape(x, [mulDims(x.shape[0], x.shape[1])]), g.transpose(x, [1, 0]), g.slice(x, { starts: [1], ends: [3], axes: [0] })],
  },
]
