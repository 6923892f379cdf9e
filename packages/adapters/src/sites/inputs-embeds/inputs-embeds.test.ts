import { placedBy, siteCases } from '@weft/test/cases/site'
import { AdapterRegistry, adapterOf, randomTensor } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { Random } from '../../random.ts'

const state = (random: Random, P = 4) => ({ rows: randomTensor(random, P, 12) })

siteCases({ site: 'inputsEmbeds', state })

test('rows stand before every row of the batch, in the order given', () => {
  const random = new Random(1)
  const [a, b] = [state(random, 2), state(random, 3)]
  const tokens = randomTensor(random, 2, 4, 12)
  const k = randomTensor(random, 2, 2, 9, 5)
  const { rows, k: keys } = placedBy([{ inputsEmbeds: a }, { inputsEmbeds: b }], { tokens, k, v: k, layer: 0 })
  expect(rows.shape).toEqual([2, 9, 12])
  for (const row of [0, 1]) {
    expect([...rows.data.slice(row * 108, row * 108 + 60)].map(Number)).toEqual([...a.rows.data, ...b.rows.data])
    expect([...rows.data.slice(row * 108 + 60, (row + 1) * 108)].map(Number)).toEqual([...tokens.data.slice(row * 48, (row + 1) * 48)])
  }
  expect(keys.shape).toEqual([2, 2, 9, 5])
})

test('rows of different length do not mix, and the error gives both lengths', async () => {
  const random = new Random(1)
  const registry = new AdapterRegistry()
    .add('short', await adapterOf({ inputsEmbeds: state(random, 2) }))
    .add('long', await adapterOf({ inputsEmbeds: state(random, 3) }))
  expect(() => registry.compose('mix(0.5*short, 0.5*long)')).toThrow(/"(short|long)", "(short|long)" cannot be mixed.*\[[23], 12\] and \[[23], 12\]/)
})

test('a strength stays with its own rows when neighbours are joined', async () => {
  const random = new Random(1)
  const registry = new AdapterRegistry()
    .add('a', await adapterOf({ inputsEmbeds: state(random, 2) }))
    .add('b', await adapterOf({ inputsEmbeds: state(random, 3) }))
  const { segments } = registry.compose('a + 2*b')
  expect(segments).toHaveLength(1)
  const [segment] = segments
  const log2 = Math.fround(Math.log(2))
  expect(segment.kind === 'rows' && [...segment.bias!.data]).toEqual([0, 0, log2, log2, log2])
})
