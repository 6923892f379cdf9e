import { expect, test } from 'vitest'
import { GraphBuilder, interpret, print, tensor } from './index.ts'

test('nodes are named by place, repeated ones with a suffix', () => {
  const g = new GraphBuilder('training')
  const x = g.input('x', 'float32', ['B', 16])
  const w = g.weight('model.norm.weight', [16])
  const y = g.scope('layers.3', () => g.scope('attn', () => g.mul(x, w)))
  const z = g.scope('layers.3', () => g.scope('attn', () => g.mul(y, w)))
  expect(y.node?.name).toBe('/layers.3/attn/Mul')
  expect(z.node?.name).toBe('/layers.3/attn/Mul_1')
})

test('a scope ends even when its body throws', () => {
  const g = new GraphBuilder('g')
  expect(() =>
    g.scope('a', () => {
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(g.neg(g.input('x', 'float32', [1])).node?.name).toBe('/Neg')
})

test('the same op on the same values is one value', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [3])
  expect(g.add(x, 1)).toBe(g.add(x, 1))
  expect(g.add(x, 1)).not.toBe(g.add(1, x))
  expect(g.reduceSum(x, { axes: [0] })).toBe(g.reduceSum(x))
  expect(g.reduceSum(x, { keepdims: false })).not.toBe(g.reduceSum(x))
  expect(g.constant(new Float32Array([1, 2]), [2])).toBe(g.constant(new Float32Array([1, 2]), [2]))
  expect(g.constant(new Float32Array([0]), [1])).not.toBe(g.constant(new Float32Array([-0]), [1]))
  expect(g.constant(1)).not.toBe(g.constant(1, [], 'int64'))
})

test('sizes stay symbolic: concat adds them, reshape multiplies and divides them', () => {
  const g = new GraphBuilder('g')
  const p = g.input('p', 'float32', ['B', 'P', 8])
  const t = g.input('t', 'float32', ['B', 'T', 8])
  const both = g.concat([p, t], 1)
  expect(both.shape).toEqual(['B', 'P+T', 8])
  expect(g.concat([t, p], 1).shape).toEqual(['B', 'P+T', 8])
  expect(g.reshape(t, ['B*T', 8]).shape).toEqual(['B*T', 8])
  expect(g.reshape(t, ['T*B', 8])).toBe(g.reshape(t, ['B*T', 8]))
  expect(g.reshape(t, ['B', -1]).shape).toEqual(['B', '8*T'])
  expect(g.slice(both, { starts: ['P'], ends: ['P+T'], axes: [1] }).shape).toEqual(['B', 'T', 8])
  expect(g.slice(t, { starts: [1], ends: [Infinity], axes: [1] }).shape).toEqual(['B', 'T-1', 8])
  expect(g.matMul(t, g.transpose(both, [0, 2, 1])).shape).toEqual(['B', 'T', 'P+T'])
})

test('what changes nothing adds nothing', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', ['B', 4])
  expect(g.reshape(x, ['B', 4])).toBe(x)
  expect(g.expand(x, ['B', 4])).toBe(x)
  expect(g.transpose(x, [0, 1])).toBe(x)
  expect(g.cast(x, 'float32')).toBe(x)
  expect(g.concat([x], 0)).toBe(x)
  expect(g.slice(x, { starts: [0], ends: [4], axes: [1] })).toBe(x)
})

test('errors name the op, its place and the shapes', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', ['B', 4])
  const y = g.input('y', 'float32', [5, 6])
  expect(() => g.scope('mlp', () => g.matMul(x, y))).toThrow('MatMul at /mlp/MatMul: inner sizes differ: 4 and 5. Input shapes: [B,4] [5,6].')
  expect(() => g.add(x, g.input('z', 'float32', ['C', 4]))).toThrow(/Add at \/Add.*: shapes do not broadcast. Input shapes: \[B,4\] \[C,4\]/)
  expect(() => g.reshape(x, [3, 4])).toThrow(/Reshape at .*\[3,4\] has 12 elements, the operand 4\*B/)
  expect(() => g.input('x', 'float32', [1])).toThrow(/already/)
  expect(() => g.neg(new GraphBuilder('other').input('x', 'float32', [1]))).toThrow(/another builder/)
  expect(() => g.constant(new Float32Array(3), [2])).toThrow(/needs 2 elements, got 3/)
  // @ts-expect-error a name is not a value
  expect(() => g.neg('x')).toThrow(/input 0 is string/)
})

test("a number takes the other operand's dtype", () => {
  const g = new GraphBuilder('g')
  expect(g.add(g.input('i', 'int32', [2]), 1).dtype).toBe('int32')
  expect(g.sub(1, g.input('h', 'float16', [2])).dtype).toBe('float16')
})

test('only what the outputs need is built, and a value may be an output twice', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [2])
  g.weight('unused', [4])
  const y = g.exp(x)
  g.log(x)
  g.output('a', y)
  g.output('b', y)
  g.output('same', x)
  const graph = g.build()
  expect(graph.nodes.map((node) => node.op)).toEqual(['Exp', 'Identity', 'Identity'])
  expect(graph.weights).toEqual([])
  expect(interpret(graph, { x: tensor('float32', [2], [0, 1]) }).same.data).toEqual(new Float32Array([0, 1]))
})

test('prints one line a node', () => {
  const g = new GraphBuilder('small')
  const x = g.input('x', 'float32', ['B', 4])
  const w = g.weight('w', [3, 4])
  const h = g.scope('mlp', () => g.gemm(x, w, { transB: true }))
  g.output('y', g.reduceSum(g.mul(h, 0.5), { axes: [1] }))
  expect(print(g.build())).toMatchInlineSnapshot(`
    "graph small
      input x: float32[B,4]
      weight w: float32[3,4]
      /mlp/Gemm: float32[B,3] = Gemm(x, w) alpha=1 transA=false transB=true
      /Mul: float32[B,3] = Mul(/mlp/Gemm, {0.5})
      /ReduceSum: float32[B,1] = ReduceSum(/Mul) axes=[1] keepdims=true
      output y = /ReduceSum"
  `)
})

test('large constants of equal content are one value too', () => {
  const g = new GraphBuilder('g')
  const numbers = () => Float32Array.from({ length: 5000 }, (_, i) => i)
  expect(g.constant(numbers(), [5000])).toBe(g.constant(numbers(), [5000]))
  expect(g.constant(numbers(), [5000])).not.toBe(g.constant(numbers(), [50, 100]))
  expect(g.constant(numbers(), [5000])).not.toBe(g.constant(numbers().reverse(), [5000]))
})
