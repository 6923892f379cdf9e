import { GraphBuilder } from '@weft/graph'
import { hooksOf } from '@weft/test/cases/hooks'
import { randomTensor, siteCases } from '@weft/test/cases/site'
import { expect, test } from 'vitest'

siteCases({ site: 'weights', state: (random) => ({ 'model.norm.weight': randomTensor(random, 12) }) })

test("hooks hand out the replacement where there is one, and the base's otherwise", () => {
  const g = new GraphBuilder('weights')
  const own = g.input('own', 'float32', [12])
  const { weight } = hooksOf(g, [{ weights: { 'model.norm.weight': own } }])
  expect(weight('model.norm.weight', [12])).toBe(own)
  expect(weight('model.embed_tokens.weight', [40, 12])).toMatchObject({ kind: 'weight', name: 'model.embed_tokens.weight' })
})
