import { expect, test } from 'vitest'
import { boundOf, epsilon } from './bounded-load.ts'
import { ranked, weightOf } from './rendezvous.ts'

interface Loaded {
  name: string
  load: number
}

const place = (key: string, runners: Loaded[]): Loaded => {
  const bound = boundOf(
    runners.reduce((sum, { load }) => sum + load, 0),
    runners.length,
  )
  const taken = ranked(key, runners).find(({ load }) => load < bound)
  expect(taken).toBeDefined()
  return taken!
}

// A few thousand requests that come and go, of keys of which few are asked most.
test.each([2, 3, 8, 17])('of %d runners none is ever above the bound, and somebody always takes the request', (count) => {
  const runners = Array.from({ length: count }, (_, at) => ({ name: `r${at}`, load: 0 }))
  const underWay: Loaded[] = []
  for (let at = 0; at < 4000; at++) {
    const random = weightOf(String(at), 'random') / 2 ** 32
    if (random < 0.45 && underWay.length > 0) underWay.splice(Math.floor((random / 0.45) * underWay.length), 1)[0]!.load--
    else {
      const taken = place(`key ${Math.floor(1 / (1 - random))}`, runners)
      taken.load++
      underWay.push(taken)
      expect(taken.load).toBeLessThanOrEqual(Math.ceil(((1 + epsilon) * underWay.length) / count))
    }
  }
})

test('a key stays with its first runner while that one has room', () => {
  const runners = Array.from({ length: 4 }, (_, at) => ({ name: `r${at}`, load: 10 }))
  for (let at = 0; at < 200; at++) expect(place(`key ${at}`, runners)).toBe(ranked(`key ${at}`, runners)[0])
})
