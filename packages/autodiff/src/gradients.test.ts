import { computeIn, GraphBuilder, interpret, numbers, print, tensor } from '@weft/graph'
import { expect, test } from 'vitest'
import { gradients, type Rules, rules } from './index.ts'

test('nothing is computed toward what is not asked for', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [2, 3])
  const prompt = g.input('prompt', 'float32', [2, 3])
  const w = g.weight('w', [4, 3])
  // loss = Σ ((x·x + prompt)·wᵀ)², d/dprompt = 2·((x·x + prompt)·wᵀ)·w; neither x·x nor w gets a gradient.
  const y = g.scope('head', () => g.gemm(g.add(g.mul(x, x), prompt), w, { transB: true }))
  const loss = g.reduceSumSquare(y, { keepdims: false })
  g.output('prompt_grad', gradients(g, loss, [prompt])[0])
  expect(print(g.build())).toMatchInlineSnapshot(`
    "graph g
      input x: float32[2,3]
      input prompt: float32[2,3]
      weight w: float32[4,3]
      /head/Mul: float32[2,3] = Mul(x, x)
      /head/Add: float32[2,3] = Add(/head/Mul, prompt)
      /head/Gemm: float32[2,4] = Gemm(/head/Add, w) alpha=1 transA=false transB=true
      /ReduceSumSquare_Grad/Reshape: float32[1,1] = Reshape({1}) shape=[1,1]
      /ReduceSumSquare_Grad/Mul: float32[1,1] = Mul(/ReduceSumSquare_Grad/Reshape, {2})
      /head/Gemm/output_0_grad: float32[2,4] = Mul(/ReduceSumSquare_Grad/Mul, /head/Gemm)
      /head/Add/output_0_grad: float32[2,3] = Gemm(/head/Gemm/output_0_grad, w) alpha=1 transA=false transB=false
      output prompt_grad = /head/Add/output_0_grad"
  `)
})

test('unreached values get zeros, repeated ones the same gradient', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [2])
  const other = g.input('other', 'float32', ['B', 3])
  const loss = g.reduceSum(g.mul(x, x), { keepdims: false })
  const [a, none, b] = gradients(g, loss, [x, other, x])
  expect(a).toBe(b)
  g.output('dx', a)
  g.output('none', none)
  const results = interpret(g.build(), { x: tensor('float32', [2], [3, -1]), other: tensor('float32', [1, 3], [7, 7, 7]) })
  expect(results.dx.data).toEqual(new Float32Array([6, -2]))
  expect(results.none).toEqual({ dtype: 'float32', shape: [1, 3], data: new Float32Array(3) })
})

test('the loss by itself is 1', () => {
  const g = new GraphBuilder('g')
  const loss = g.reduceSum(g.input('x', 'float32', [2]), { keepdims: false })
  g.output('d', gradients(g, loss, [loss])[0])
  expect(interpret(g.build(), { x: tensor('float32', [2], [1, 2]) }).d.data).toEqual(new Float32Array([1]))
})

test('ops without a slope let nothing through', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [3])
  // A straight comparison has no slope; the product with x has: y = Σ x·[x > 0], dy/dx = [x > 0]
  const loss = g.reduceSum(g.mul(x, g.cast(g.greater(x, 0), 'float32')), { keepdims: false })
  g.output('d', gradients(g, loss, [x])[0])
  expect(interpret(g.build(), { x: tensor('float32', [3], [2, -2, 5]) }).d.data).toEqual(new Float32Array([1, 0, 1]))
})

test('a stopped gradient counts as a constant', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [2])
  // y = Σ x·stop(x²), dy/dx = x²; with the gradient it would be 3x²
  const loss = g.reduceSum(g.mul(x, g.stopGradient(g.mul(x, x))), { keepdims: false })
  g.output('d', gradients(g, loss, [x])[0])
  expect(interpret(g.build(), { x: tensor('float32', [2], [2, -3]) }).d.data).toEqual(new Float32Array([4, 9]))
})

test('asks for a scalar, of floats', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [3])
  expect(() => gradients(g, g.exp(x), [x])).toThrow('has shape [3]. Gradients are of one number')
  expect(() => gradients(g, g.reduceSum(x), [g.input('i', 'int64', [3])])).toThrow("'i' is int64; only float values have gradients")
})

test('a missing rule does not compile', () => {
  const { Add: _, ...rest } = rules
  // @ts-expect-error Add is missing
  const incomplete: Rules = rest
  expect('Add' in incomplete).toBe(false)
})

test('padding of weight 0 has no gradient, and no NaN', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [2, 2])
  const loss = g.linearCrossEntropy(x, g.weight('w', [3, 2]), g.input('targets', 'int64', [2]), g.input('weights', 'float32', [2]))
  g.output('d', gradients(g, loss, [x])[0])
  const { d } = interpret(
    g.build(),
    {
      x: tensor('float32', [2, 2], [1, 1, 1e4, -1e4]),
      targets: tensor('int64', [2], [0, 0]),
      weights: tensor('float32', [2], [1, 0]),
    },
    { w: tensor('float32', [3, 2], [1, 0, 0, 1, 1, 1]) },
  )
  const [, , ...padding] = Array.from(numbers(d))
  expect(padding.map(Math.abs)).toEqual([0, 0])
  expect(Array.from(numbers(d)).every(Number.isFinite)).toBe(true)
})

test.each(['none', 'tanh'] as const)('the slope of gelu (%s) is finite in float16, however large its input', (approximate) => {
  const g = new GraphBuilder('g')
  const [x, w] = [g.input('x', 'float32', [1, 4]), g.input('w', 'float32', [4, 4])]
  // Between products, so that nothing is computed in float32.
  const y = g.gemm(g.gelu(g.gemm(x, w), { approximate }), w)
  g.output('y', y)
  g.output('slope', gradients(g, g.reduceSum(y, { keepdims: false }), [x])[0])
  const one = tensor(
    'float32',
    [4, 4],
    Array.from({ length: 16 }, (_, i) => Number(i % 5 === 0)),
  )
  const half = computeIn(g.build(), 'float16', { input: () => 'narrowed' })
  const { slope } = interpret(half, { x: tensor('float32', [1, 4], [300, -300, 60000, -60000]), w: one })
  expect(Array.from(numbers(slope), Math.abs)).toEqual([1, 0, 1, 0])
})

test('a symbolic size beside a number is refused by name: its gradient is a sum where it is 1, and none where it is that number', () => {
  const g = new GraphBuilder('g')
  // What a method writes that adds one row for each of its three tasks to the rows of a batch.
  const [shared, table] = [g.input('shared', 'float32', [3, 2]), g.input('table', 'float32', [3, 2])]
  const rows = g.gather(table, g.input('ids', 'int64', ['B']), 0)
  const loss = g.reduceSum(
    g.scope('method', () => g.mul(rows, shared)),
    { keepdims: false },
  )
  expect(() => gradients(g, loss, [table])).toThrow(
    expect.objectContaining({ code: 'size_taken', message: expect.stringMatching(/Mul at \/method.*\[B,2\].*\[3,2\]/) }),
  )
  // One for all of them is stretched, and each row's own is gathered.
  const beside = g.mul(g.gather(table, g.input('others', 'int64', ['B']), 0), g.add(g.slice(shared, { starts: [0], ends: [1], axes: [0] }), rows))
  const [ct] = gradients(g, g.reduceSum(beside, { keepdims: false }), [shared])
  expect(ct.shape).toEqual([3, 2])
})
