import { placedBy, siteCases } from '@weft/test/cases/site'
import { AdapterRegistry, adapterOf, randomTensor } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { Random } from '../../random.ts'

const state = (random: Random, P = 4) => ({ prefix: randomTensor(random, 3, 2, 2, P, 5) })

siteCases({ site: 'keyValue', state })
siteCases({ site: 'keyValue', state: (random) => ({ ...state(random), keyBias: randomTensor(random, 3, 2, 4) }) })

test("prefixes overlay one another: columns add, positions are the longest one's", async () => {
  const random = new Random(1)
  const registry = new AdapterRegistry()
    .add('short', await adapterOf({ keyValue: state(random, 2) }))
    .add('long', await adapterOf({ keyValue: state(random, 3) }))
  const composed = registry.compose('short + long')
  expect(composed.sites.keyValue.prefix.shape).toEqual([3, 2, 2, 5, 5])
  expect(composed.longestPrefix).toBe(3)
})

test('each layer gets its own keys and values, in front', () => {
  const random = new Random(2)
  const [a, b] = [state(random, 2), state(random, 1)]
  const tokens = randomTensor(random, 2, 3, 12)
  const [k, v] = [randomTensor(random, 2, 2, 3, 5), randomTensor(random, 2, 2, 3, 5)]
  for (const layer of [0, 2]) {
    const placed = placedBy([{ keyValue: a }, { keyValue: b }], { tokens, k, v, layer })
    for (const [half, name, own] of [
      [0, 'k', k],
      [1, 'v', v],
    ] as const) {
      const got = placed[name]
      expect(got.shape).toEqual([2, 2, 6, 5])
      for (const row of [0, 1])
        for (const head of [0, 1]) {
          const column = (p: number): number[] => [...got.data.slice(((row * 2 + head) * 6 + p) * 5, ((row * 2 + head) * 6 + p + 1) * 5)].map(Number)
          const stored = ({ prefix }: typeof a, P: number, p: number): number[] => {
            const at = (((layer * 2 + half) * 2 + head) * P + p) * 5
            return [...prefix.data.slice(at, at + 5)]
          }
          expect([column(0), column(1), column(2)]).toEqual([stored(a, 2, 0), stored(a, 2, 1), stored(b, 1, 0)])
          const at = (row * 2 + head) * 3 * 5
          expect(column(3)).toEqual([...own.data.slice(at, at + 5)])
        }
    }
  }
})
