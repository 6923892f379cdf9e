import { GraphBuilder } from '@weft/graph'
import { hooksOf } from '@weft/test/cases/hooks'
import { siteCases } from '@weft/test/cases/site'
import { randomTensor } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'

siteCases({ site: 'weights', state: (random) => ({ 'model.norm.weight': randomTensor(random, 12) }) })

test('hooks hand out the replacement where there is one, and nothing otherwise', () => {
  const g = new GraphBuilder('weights')
  const own = g.input('own', 'float32', [12])
  const { replacement } = hooksOf(g, [{ weights: { 'model.norm.weight': own } }])
  expect(replacement('model.norm.weight')).toBe(own)
  expect(replacement('model.embed_tokens.weight')).toBeUndefined()
})
