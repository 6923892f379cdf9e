import { GraphBuilder, interpret } from '@weft/graph'
import { hooksOf } from '@weft/test/cases/hooks'
import { siteCases } from '@weft/test/cases/site'
import { randomTensor } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { floatTensor } from '../../tensor.ts'
import { scale } from './algebra.ts'

const q = 'model.layers.0.self_attn.q_proj'
const down = 'model.layers.2.mlp.down_proj'

siteCases({ site: 'scale', state: (random) => ({ [`${q}.out`]: randomTensor(random, 20), [`${down}.in`]: randomTensor(random, 20) }), adds: false })

test('in a graph, an input and an output are multiplied', () => {
  const g = new GraphBuilder('scale')
  const hooks = hooksOf(g, [
    { scale: { [`${down}.in`]: g.constant(new Float32Array(20).fill(2), [20]), [`${down}.out`]: g.constant(new Float32Array(12).fill(3), [12]) } },
  ])
  g.output(
    'y',
    g.identity(
      hooks.linear(down, g.constant(new Float32Array(20).fill(1), [1, 20]), (x) => g.slice(g.add(x, g.constant(1)), { starts: [0], ends: [12], axes: [1] })),
    ),
  )
  expect([...(interpret(g.build(), {}).y.data as Float32Array)]).toEqual(Array(12).fill(9))
})

test('a strength goes from 1, not from 0; a layer that a term does not name has factor 1 in a mix', () => {
  const a = { [`${q}.out`]: floatTensor([1], Float32Array.of(3)) }
  const b = { [`${down}.in`]: floatTensor([1], Float32Array.of(5)) }
  expect(scale.scale(a, 0.5)[`${q}.out`].data).toEqual(Float32Array.of(2))
  const mixed = scale.mix([
    { weight: 0.5, state: a },
    { weight: 0.5, state: b },
  ])
  expect([mixed[`${q}.out`].data[0], mixed[`${down}.in`].data[0]]).toEqual([2, 3])
  expect(scale.stack(a, a)[`${q}.out`].data).toEqual(Float32Array.of(9))
})
