import { GraphBuilder, interpret } from '@weft/graph'
import { expect, test } from 'vitest'
import { relativeBias } from './relative-bias.ts'

test('a bias of each head is added to the mask', () => {
  const g = new GraphBuilder('bias')
  const table = g.constant(
    Float32Array.from({ length: 16 }, (_, i) => i),
    [8, 2],
  )
  const mask = g.constant(Float32Array.of(0, -100), [1, 1, 1, 2])
  g.output('bias', relativeBias(g, table, g.constant(BigInt64Array.of(0n, 5n, 1n, 0n), [1, 2, 2]), mask))
  const { shape, data } = interpret(g.build(), {}, {}).bias
  expect(shape).toEqual([1, 2, 2, 2])
  expect([...(data as Float32Array)]).toEqual([0, -90, 2, -100, 1, -89, 3, -99])
})
