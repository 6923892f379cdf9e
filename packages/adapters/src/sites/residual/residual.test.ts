import { GraphBuilder, interpret } from '@weft/graph'
import { hooksOf } from '@weft/test/cases/hooks'
import { siteCases } from '@weft/test/cases/site'
import { randomTensor } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { floatTensor, type SiteState } from '../../tensor.ts'

/** What is added to the stream: the vectors, and the edit as one matrix. */
const effect = ({ '2.a': a, '2.b': b, ...vectors }: SiteState): SiteState => {
  if (!a || !b) return vectors
  const [[R, H]] = [a.shape]
  const edit = Float32Array.from({ length: H * H }, (_, i) =>
    Array.from({ length: R }, (__, r) => b.data[Math.floor(i / H) * R + r] * a.data[r * H + (i % H)]).reduce((x, y) => x + y),
  )
  return { ...vectors, edit: floatTensor([H, H], edit) }
}

siteCases({
  site: 'residual',
  effect,
  state: (random) => ({
    '0.vector': randomTensor(random, 12),
    '2.vector': randomTensor(random, 12),
    '2.a': randomTensor(random, 2, 12),
    '2.b': randomTensor(random, 12, 2),
  }),
})

test('in a graph, a vector and a low-rank edit of the stream are added behind their layer, and behind no other', () => {
  const g = new GraphBuilder('residual')
  const constant = (values: number[], shape: number[]) => g.constant(Float32Array.from(values), shape)
  const hooks = hooksOf(g, [{ residual: { '1.vector': constant([10, 20], [2]), '1.a': constant([1, 1], [1, 2]), '1.b': constant([2, 0], [2, 1]) } }])
  for (const layer of [0, 1]) g.output(`y${layer}`, g.identity(hooks.residual(layer, constant([1, 2], [1, 2]))))
  const { y0, y1 } = interpret(g.build(), {})
  expect([...(y0.data as Float32Array)]).toEqual([1, 2])
  expect([...(y1.data as Float32Array)]).toEqual([1 + 10 + 2 * 3, 2 + 20])
})
