import { placedBy, siteCases } from '@weft/test/cases/site'
import { AdapterRegistry, adapterOf, difference, expectSame, randomTensor } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import type { SiteState } from '../../tensor.ts'
import { branchRows } from './branch-rows.ts'

const trunk = randomTensor(new Random('trunk'), 4, 12)
const state = (random: Random, rank = 2, over = trunk): SiteState => ({ trunk: over, a: randomTensor(random, 4, rank), b: randomTensor(random, rank, 12) })

siteCases({ site: 'promptDelta', state })

const registry = async (): Promise<AdapterRegistry> => {
  const random = new Random(3)
  return new AdapterRegistry()
    .add('trunk', await adapterOf({ inputsEmbeds: { rows: trunk } }))
    .add('a', await adapterOf({ promptDelta: state(random, 2) }))
    .add('b', await adapterOf({ promptDelta: state(random, 3) }))
    .add('unrelated', await adapterOf({ promptDelta: state(random, 2, randomTensor(random, 4, 12)) }))
    .add('other', await adapterOf({ inputsEmbeds: { rows: randomTensor(random, 3, 12) } }))
}

test('branches of one trunk share one block of rows, wherever they stand', async () => {
  const s = await registry()
  expect(s.compose('a + b').segments[0]).toMatchObject({ rows: { shape: [4, 12] } })
  for (const same of ['b + a', 'trunk + b + a', 'a + trunk + b']) expect(difference(s.compose(same), s.compose('a + b'))).toBe(0)
  expect(s.canonical('a + other + b').text).toBe(s.canonical('b + a + other').text)
  expect(s.compose('a + unrelated').segments[0]).toMatchObject({ rows: { shape: [8, 12] } })
})

test('unplugging a branch gives what was there before it, bit for bit', async () => {
  const s = await registry()
  expectSame(s.compose('trunk + a + 0*b'), s.compose('trunk + a'))
  expectSame(s.compose('trunk + 0*a'), s.compose('trunk'))
})

test('a named trunk keeps its own strength, a second copy of it its own rows', async () => {
  const s = await registry()
  const [segment] = s.compose('0.5*trunk + a').segments
  expect(segment.kind === 'rows' && [...segment.bias!.data]).toEqual(Array(4).fill(Math.fround(Math.log(0.5))))
  expect(s.compose('trunk + trunk + a').segments[0]).toMatchObject({ rows: { shape: [8, 12] } })
})

test('the sum is the trunk plus every branch, to rounding', async () => {
  const random = new Random(3)
  const [a, b] = [state(random, 2), state(random, 3)]
  const [segment] = (await registry()).compose('2*a + -1*b').segments
  const rows = segment.kind === 'rows' ? segment.rows.data : new Float32Array()
  const [da, db] = [branchRows(a).data, branchRows(b).data]
  rows.forEach((value, i) => expect(value).toBeCloseTo(trunk.data[i] + 2 * (da[i] - trunk.data[i]) - (db[i] - trunk.data[i]), 4))
})

test('mixing is exact over one trunk and refused over two', async () => {
  const s = await registry()
  expect(difference(s.compose('mix(0.5*a, 0.25*b)'), s.compose('0.5*a + 0.25*b'))).toBeLessThan(1e-6)
  expect(difference(s.compose('trunk + mix(0.5*a, 0.25*b)'), s.compose('0.5*a + 0.25*b'))).toBeLessThan(1e-6)
  expect(() => s.compose('mix(0.5*a, 0.5*unrelated)')).toThrow(expect.objectContaining({ code: 'trunks_differ' }))
  expect(() => s.compose('mix(0.5*a, 0.5*trunk)')).toThrow(expect.objectContaining({ code: 'mix_sites_differ' }))
})

test('in a graph the rows are trunk + A·B', () => {
  const own = state(new Random(5))
  const tokens = randomTensor(new Random(6), 1, 1, 12)
  const k = randomTensor(new Random(6), 1, 2, 5, 5)
  const { rows } = placedBy([{ promptDelta: own }], { tokens, k, v: k, layer: 0 })
  const expected = branchRows(own).data
  expect(rows.shape).toEqual([1, 5, 12])
  expected.forEach((value, i) => expect(Number(rows.data[i])).toBeCloseTo(value, 5))
})
