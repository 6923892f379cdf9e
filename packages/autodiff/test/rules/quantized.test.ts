import { gradients } from '@weft/autodiff'
import { GraphBuilder, interpret, type Node, numbers, tensor, type Value } from '@weft/graph'
import { testOps } from '@weft/test/cases/op'
import { quantizedCases } from '@weft/test/cases/ops/quantized'
import { expect, test } from 'vitest'

testOps('quantized', quantizedCases)

test('what a block means is made for a gradient when that is there, and waits for it: else a runtime may make all layers’ at once', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [3, 32])
  const layer = (n: number, of: Value): Value =>
    g.matMulNBits(of, { bits: 8, data: g.weight(`${n}.data`, [32, 1, 32], 'uint8'), scales: g.weight(`${n}.scales`, [32, 1]) })
  const y = layer(2, layer(1, x))
  g.output('dx', gradients(g, g.reduceSumSquare(y, { keepdims: false }), [x])[0])
  const { nodes } = g.build()
  const makerOf = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)))
  const reads = (node: Node, from: Value): boolean =>
    node.inputs.some((input) => input === from || (input !== undefined && makerOf.has(input) && reads(makerOf.get(input)!, from)))
  const made = nodes.filter(({ op }) => op === 'GatherBlockQuantized')
  expect(made).toHaveLength(2)
  for (const node of made) expect(reads(node, y)).toBe(true)
})

test('a row whose gradient is not finite leaves the others theirs', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', [2, 32])
  const weights = g.input('weights', 'float32', [2, 1])
  const y = g.matMulNBits(x, { bits: 8, data: g.input('data', 'uint8', [4, 1, 32]), scales: g.input('scales', 'float32', [4, 1]) })
  g.output('dx', gradients(g, g.reduceSum(g.mul(y, weights), { keepdims: false }), [x])[0])
  const given = {
    x: tensor('float32', [2, 32], Array(64).fill(1)),
    data: tensor('uint8', [4, 1, 32], Array(128).fill(129)),
    scales: tensor('float32', [4, 1], [1, 1, 1, 1]),
  }
  for (const weight of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const { dx } = interpret(g.build(), { ...given, weights: tensor('float32', [2, 1], [weight, 2]) })
    expect(Array.from(numbers(dx)).slice(32)).toEqual(Array(32).fill(8))
  }
})
