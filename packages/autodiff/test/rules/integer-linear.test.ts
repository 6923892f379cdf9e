import { gradients } from '@weft/autodiff'
import { GraphBuilder, interpret, numbers, tensor } from '@weft/graph'
import { testOps } from '@weft/test/cases/op'
import { integerLinearCases } from '@weft/test/cases/ops/integer-linear'
import { expect, test } from 'vitest'

testOps('integerLinear', integerLinearCases)

test('the gradient is what comes back times the matrix the other way round, rounded row by row', () => {
  const g = new GraphBuilder('back')
  const x = g.input('x', 'float32', [1, 2])
  const back = g.constant(Int8Array.of(1, 2, 3, 4, 5, 6), [3, 2], 'int8')
  const forward = { data: g.constant(Int8Array.of(9, 9, 9, 9, 9, 9), [2, 3], 'int8'), scales: g.constant(Float32Array.of(1, 1, 1), [3]) }
  const y = g.integerLinear(x, forward, { data: back, scales: g.constant(Float32Array.of(1, 10), [2]) })
  const loss = g.reduceSum(g.mul(y, g.constant(Float32Array.of(1, 0, -1), [1, 3])), { keepdims: false })
  g.output('dx', gradients(g, loss, [x])[0])
  const { dx } = interpret(g.build(), { x: tensor('float32', [1, 2], [1, 1]) }, {})
  // (1, 0, −1) · back = (1−5, 2−6), the second column counting ten times.
  expect(Array.from(numbers(dx))).toEqual([expect.closeTo(-4, 5), expect.closeTo(-40, 4)])
})
