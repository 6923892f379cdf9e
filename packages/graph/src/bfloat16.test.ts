import { expect, test } from 'vitest'
import { fromBfloat16, GraphBuilder, interpret, numbers, tensor, toBfloat16 } from './index.ts'

test('every bfloat16 is itself, and what lies between two rounds to the nearer, a tie to the even one', () => {
  for (let bits = 0; bits < 65536; bits++) if (!Number.isNaN(fromBfloat16(bits)) && toBfloat16(fromBfloat16(bits)) !== bits) expect(bits).toBe(-1)
  expect(fromBfloat16(toBfloat16(1 + 2 ** -8))).toBe(1)
  expect(fromBfloat16(toBfloat16(1 + 3 * 2 ** -8))).toBe(1 + 2 ** -6)
  expect(fromBfloat16(toBfloat16(1 + 2 ** -8 + 2 ** -20))).toBe(1 + 2 ** -7)
  expect(fromBfloat16(toBfloat16(NaN))).toBeNaN()
  expect(fromBfloat16(toBfloat16(-Infinity))).toBe(-Infinity)
})

test('a graph in bfloat16 computes on numbers and rounds its results', () => {
  const g = new GraphBuilder('brain')
  const x = g.input('x', 'bfloat16', [3])
  g.output('y', g.mul(x, x))
  const { y } = interpret(g.build(), { x: tensor('bfloat16', [3], [1.0078125, -3, 0.5]) })
  expect(y.dtype).toBe('bfloat16')
  expect([...Array.from(numbers(y))]).toEqual([1.015625, 9, 0.25])
})
