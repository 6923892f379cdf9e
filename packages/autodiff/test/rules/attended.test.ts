import { GraphBuilder, sizeOf, tensor, type Value } from '@weft/graph'
import { expect, test } from 'vitest'
import { checkGradients } from '../../src/check.ts'
import { gradients } from '../../src/gradients.ts'

const [B, Q, C, D] = [2, 4, 7, 3]
const shapes = { q: [B, Q, D], k: [B, C, D], v: [B, C, D] }
const feeds = Object.fromEntries(
  Object.entries(shapes).map(([name, shape], n) => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(2.3 * i + n))
    return [name, tensor('float32', shape, data)]
  }),
)
/** Attention whose shares pass through two shapes, as those of grouped queries do. */
const attended = (g: GraphBuilder, { q, k, v }: { [name: string]: Value }): Value => {
  const scores = g.reshape(g.matMul(q, g.transpose(k, [0, 2, 1])), [B, 2, Q / 2, C])
  return g.matMul(g.reshape(g.softmax(scores, { axis: -1 }), [B, Q, C]), v)
}

test('attention has its gradients', () => {
  for (const { input, error } of checkGradients(attended, feeds)) expect(error, input).toBeLessThan(1e-8)
})

test('shares that are read twice have both gradients', () => {
  const twice = (g: GraphBuilder, { q, k, v }: { [name: string]: Value }): Value[] => {
    const shares = g.softmax(g.matMul(q, g.transpose(k, [0, 2, 1])), { axis: -1 })
    return [g.matMul(shares, v), g.mul(shares, shares)]
  }
  for (const { input, error } of checkGradients(twice, feeds)) expect(error, input).toBeLessThan(1e-8)
})

test('on the way back through attention, two passes beside the products go over all columns, and none transposes them', () => {
  const g = new GraphBuilder('g')
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, g.input(name, 'float32', shape)]))
  const y = attended(g, inputs)
  const loss = g.reduceSum(g.mul(y, g.input('factors', 'float32', y.shape)), { keepdims: false })
  for (const [i, ct] of gradients(g, loss, Object.values(inputs)).entries()) g.output(`d${i}`, ct)
  const back = g.build().nodes.filter(({ name }) => name.includes('_Grad'))
  const wide = back.filter(({ outputs: [{ shape }] }) => sizeOf(shape) === B * Q * C)
  expect(wide.map(({ op }) => op).sort()).toEqual(['MatMul', 'Mul', 'Reshape', 'Reshape', 'Sub'])
})
