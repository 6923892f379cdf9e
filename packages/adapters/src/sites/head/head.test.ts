import { siteCases } from '@weft/test/cases/site'
import { AdapterRegistry, adapterOf, randomTensor } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { Random } from '../../random.ts'

const state = (random: Random, C = 3) => ({ weight: randomTensor(random, C, 12), bias: randomTensor(random, C) })

siteCases({ site: 'head', state })

test('a head travels with its labels, beside whatever else is composed', async () => {
  const random = new Random(1)
  const labels = ['ham', 'spam', 'unsure']
  const registry = new AdapterRegistry()
    .add('classifier', await adapterOf({ inputsEmbeds: { rows: randomTensor(random, 2, 12) }, head: state(random) }, { labels }))
    .add('style', await adapterOf({ keyValue: { prefix: randomTensor(random, 3, 2, 2, 2, 5) } }))
  const composed = registry.compose('style + classifier')
  expect(composed.labels).toEqual(labels)
  expect(Object.keys(composed.sites).sort()).toEqual(['head', 'keyValue'])
  expect(() => registry.compose('0.5*classifier')).toThrow(/"classifier" acts at the head site, which has no strength/)
})

test('a bias of another length than the classes is refused', async () => {
  const random = new Random(1)
  await expect(adapterOf({ head: { weight: randomTensor(random, 3, 12), bias: randomTensor(random, 2) } })).rejects.toMatchObject({ code: 'tensor_shape' })
})
