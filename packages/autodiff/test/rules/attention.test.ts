import { GraphBuilder } from '@weft/graph'
import { testOps } from '@weft/test/cases/op'
import { caseGraph } from '@weft/test/cases/op-case'
import { attentionCases } from '@weft/test/cases/ops/attention'
import { expect, test } from 'vitest'
import { gradients } from '../../src/gradients.ts'

testOps('attention', attentionCases)

test('a fused op refuses to be differentiated, naming itself and its place', () => {
  const g = new GraphBuilder('training')
  const { inputs, build } = attentionCases[0]
  const values = Object.fromEntries(Object.entries(inputs).map(([name, { dtype, shape }]) => [name, g.input(name, dtype, shape)]))
  const y = g.scope('layers.3', () => build(g, values))
  const loss = g.reduceSum([y].flat()[0], { keepdims: false })
  expect(() => gradients(g, loss, [values.query])).toThrow(/GroupQueryAttention at \/layers\.3\/GroupQueryAttention is for inference only/)
  expect(caseGraph(attentionCases[0]).nodes).toHaveLength(1)
})
