import { GraphBuilder, interpret, type TensorData } from '@weft/graph'
import { expect, test } from 'vitest'
import { rotatedHeads } from './rotated-heads.ts'

const float = (shape: number[], data: number[]): TensorData => ({ dtype: 'float32', shape, data: Float32Array.from(data) })

test('a table narrower than half of a head turns the first numbers of each head, and leaves the others', () => {
  const g = new GraphBuilder('rotated')
  const x = g.input('x', 'float32', [1, 2, 1, 6])
  const [cos, sin] = ['cos', 'sin'].map((name) => g.input(name, 'float32', [1, 1, 2]))
  g.output('y', rotatedHeads(g, x, cos, sin))
  const x12 = Array.from({ length: 12 }, (_, i) => i + 1)
  // The first pair by a quarter turn, the second by none: pairs are of numbers 0 and 2, 1 and 3.
  const { y } = interpret(g.build(), { x: float([1, 2, 1, 6], x12), cos: float([1, 1, 2], [0, 1]), sin: float([1, 1, 2], [1, 0]) }, {})
  expect([...y.data]).toEqual([-3, 2, 1, 4, 5, 6, -9, 8, 7, 10, 11, 12])
})
