import { describe, expect, test } from 'vitest'
import { GraphBuilder } from '../builder.ts'
import { tensor } from '../dtype.ts'
import { interpret } from '../interpret.ts'
import type { Graph } from '../value.ts'
import { computeIn } from './compute-in.ts'

const values = (count: number, scale = 1) => Array.from({ length: count }, (_, i) => scale * Math.sin(i * 1.7 + 1))

/** A norm, a product, attention with a mask, and a loss. */
function layer(): Graph {
  const g = new GraphBuilder('layer')
  const x = g.input('x', 'float32', [4, 8])
  const w = g.weight('w', [8, 8])
  const squares = g.reduceMean(g.mul(x, x), { axes: [1] })
  const normed = g.rmsNormalization(x, g.weight('scale', [8]))
  const q = g.gemm(normed, w, { transB: true })
  const scores = g.add(g.gemm(q, normed, { transB: true }), g.input('mask', 'float32', [4, 4]))
  const mixed = g.matMul(g.softmax(scores), normed)
  g.output('hidden', g.add(x, mixed))
  g.output('squares', squares)
  g.output('loss', g.linearCrossEntropy(mixed, w, g.input('targets', 'int64', [4]), g.reshape(squares, [4])))
  return g.build()
}

const feeds = {
  x: tensor('float32', [4, 8], values(32, 3)),
  mask: tensor(
    'float32',
    [4, 4],
    Array.from({ length: 16 }, (_, i) => (i % 4 <= Math.floor(i / 4) ? 0 : -1e30)),
  ),
  targets: tensor('int64', [4], [1, 2, 3, 4]),
}
const typesOf = (graph: Graph, op: string) => [
  ...new Set(graph.nodes.filter((node) => node.op === op).flatMap(({ outputs }) => outputs.map(({ dtype }) => dtype))),
]

describe.each(['float16', 'bfloat16'] as const)('%s', (half) => {
  const graph = layer()
  const lowered = computeIn(graph, half, { input: (name) => (name === 'x' ? 'narrowed' : 'wide') })

  test('products are in it, islands are not', () => {
    expect(typesOf(lowered, 'Gemm')).toEqual([half])
    expect(typesOf(lowered, 'MatMul')).toEqual([half])
    for (const op of ['Softmax', 'ReduceMean', 'ReduceSum', 'ReduceMax', 'Log']) expect(typesOf(lowered, op)).toEqual(['float32'])
    expect(lowered.weights.map(({ dtype }) => dtype)).toEqual([half, half])
    expect(lowered.inputs.map(({ dtype }) => dtype)).toEqual(graph.inputs.map(({ dtype }) => dtype))
    expect(lowered.outputs.map(({ value }) => value.dtype)).toEqual(['float32', 'float32', 'float32'])
  })

  test('what nothing but an island reads is computed wide: a square is not rounded before it is summed', () => {
    const square = lowered.nodes.find(({ op, inputs }) => op === 'Mul' && inputs[0] === inputs[1])!
    expect(square.outputs[0].dtype).toBe('float32')
  })

  test('the numbers are those of float32, within its rounding', () => {
    const weights = (dtype: 'float32' | 'float16' | 'bfloat16') => ({ w: tensor(dtype, [8, 8], values(64)), scale: tensor(dtype, [8], values(8, 2)) })
    const [got, expected] = [interpret(lowered, feeds, weights(half)), interpret(graph, feeds, weights('float32'))]
    const unit = half === 'float16' ? 2 ** -11 : 2 ** -8
    for (const name of ['hidden', 'squares', 'loss']) {
      const [a, b] = [Array.from(got[name].data, Number), Array.from(expected[name].data, Number)]
      const largest = Math.max(...b.map(Math.abs))
      for (const [i, x] of a.entries()) expect(Math.abs(x - b[i]), name).toBeLessThan(8 * unit * largest)
    }
  })
})

test('a cast that widens a weight is taken away, and a mask beyond the range of float16 stays finite', () => {
  const g = new GraphBuilder('g')
  const w = g.cast(g.weight('w', [4, 4], 'float16'), 'float32')
  const x = g.input('x', 'float32', [2, 4])
  g.output('y', g.gemm(g.where(g.less(x, 0), x, -1e30), w))
  const lowered = computeIn(g.build(), 'float16', { input: () => 'narrowed' })
  expect(lowered.nodes.filter(({ op, inputs }) => op === 'Cast' && inputs[0]!.kind === 'weight')).toEqual([])
  const { y } = interpret(
    lowered,
    { x: tensor('float32', [2, 4], values(8)) },
    { w: tensor('float16', [4, 4], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]) },
  )
  expect(Math.min(...Array.from(y.data, Number))).toBe(-65504)
})

test('caches are declared in it, on both sides', () => {
  const g = new GraphBuilder('cache')
  const past = g.input('past', 'float32', [2, 4])
  g.output('present', g.concat([past, g.input('x', 'float32', [2, 4])], 0))
  const lowered = computeIn(g.build(), 'float16', { input: (name) => (name === 'past' ? 'declared' : 'wide'), output: (name) => name === 'present' })
  expect([lowered.inputs[0].dtype, lowered.inputs[1].dtype, lowered.outputs[0].value.dtype]).toEqual(['float16', 'float32', 'float16'])
})
