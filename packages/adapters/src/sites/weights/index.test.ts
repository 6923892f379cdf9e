import { GraphBuilder } from '@weft/graph'
import { randomTensor, siteCases } from '@weft/test/cases/site'
import { expect, test } from 'vitest'
import { weave } from '../weave.ts'

siteCases({ site: 'weights', state: (random) => ({ 'model.norm.weight': randomTensor(random, 12) }) })

test("a weave hands out the replacement where there is one, and the base's otherwise", () => {
  const g = new GraphBuilder('weights')
  const own = g.input('own', 'float32', [12])
  const woven = weave(g, { weights: { 'model.norm.weight': own } }, { batch: 1 })
  expect(woven.weight(g, 'model.norm.weight', [12])).toBe(own)
  expect(woven.weight(g, 'model.embed_tokens.weight', [40, 12])).toMatchObject({ kind: 'weight', name: 'model.embed_tokens.weight' })
})
