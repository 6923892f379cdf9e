import { expect, test } from 'vitest'
import { GraphBuilder, interpret, tensor } from './index.ts'

const graph = (() => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', ['B', 3])
  g.output('y', g.add(g.matMul(x, g.weight('w', [3, 2])), g.input('b', 'float32', ['B', 1])))
  return g.build()
})()
const w = tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6])

test('binds sizes by the feeds', () => {
  const { y } = interpret(graph, { x: tensor('float32', [2, 3], [1, 0, 0, 0, 1, 1]), b: tensor('float32', [2, 1], [10, 20]) }, { w })
  expect(y).toEqual({ dtype: 'float32', shape: [2, 2], data: new Float32Array([11, 12, 28, 30]) })
})

test('says what is missing or does not fit', () => {
  const x = tensor('float32', [2, 3], [0, 0, 0, 0, 0, 0])
  expect(() => interpret(graph, { x }, { w })).toThrow("No input 'b' was given. Given: x.")
  expect(() => interpret(graph, { x, b: tensor('float32', [2, 1], [0, 0]) })).toThrow("No weight 'w' was given. Given: none.")
  expect(() => interpret(graph, { x, b: tensor('float32', [3, 1], [0, 0, 0]) }, { w })).toThrow("'b' must be [B,1] = [2,1], got [3,1].")
  expect(() => interpret(graph, { x, b: tensor('int32', [2, 1], [0, 0]) }, { w })).toThrow("'b' must be float32 [B,1], got int32")
})

test('an index out of range is an error, not a wrong number', () => {
  const g = new GraphBuilder('g')
  g.output('y', g.gather(g.input('x', 'float32', [3]), g.input('i', 'int64', [1]), 0))
  const run = (i: number) => interpret(g.build(), { x: tensor('float32', [3], [1, 2, 3]), i: tensor('int64', [1], [i]) }).y.data[0]
  expect(run(-1)).toBe(3)
  expect(() => run(3)).toThrow('Gather: index 3 is out of range for an axis of size 3.')
})

test('double precision keeps what float32 would round away', () => {
  const g = new GraphBuilder('g')
  g.output('y', g.sub(g.add(g.input('x', 'float32', [1]), 1), 1))
  const x = { dtype: 'float32' as const, shape: [1], data: Float64Array.of(1e-12) }
  expect(interpret(g.build(), { x }).y.data[0]).toBe(0)
  expect(interpret(g.build(), { x }, {}, { double: true }).y.data[0]).toBeCloseTo(1e-12, 15)
})
