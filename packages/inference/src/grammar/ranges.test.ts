import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { type Ranges, union, without } from './ranges.ts'

test('what is left of ranges is what no taken one holds', () => {
  const random = new Random('ranges')
  const below = (n: number): number => Math.floor(random.uniform() * n)
  const ranges = (count: number): Ranges => Array.from({ length: count }, () => below(40)).map((low) => [low, low + below(5)])
  const within = (of: Ranges) => Array.from({ length: 50 }, (_, value) => of.some(([low, high]) => low <= value && value <= high))
  for (let round = 0; round < 500; round++) {
    const [all, taken] = [ranges(below(8)), ranges(below(8))]
    const left = without(all, taken)
    const [inAll, inTaken] = [within(all), within(taken)]
    expect(within(left), JSON.stringify({ all, taken })).toEqual(inAll.map((is, value) => is && !inTaken[value]))
    expect(left).toEqual(union(left))
  }
})
