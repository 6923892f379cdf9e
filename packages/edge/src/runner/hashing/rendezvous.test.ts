import { expect, test } from 'vitest'
import { ranked, weightOf } from './rendezvous.ts'

const runners = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `http://10.0.0.${at + 1}:8790` }))
const keys = Array.from({ length: 4000 }, (_, at) => `sha256:${weightOf(String(at), 'key').toString(16).padStart(8, '0')}${at}`)
const firstOf = (among: { name: string }[]) => keys.map((key) => ranked(key, among)[0]!.name)

test('the order of the list does not matter', () => {
  for (const key of keys.slice(0, 100)) expect(ranked(key, runners(8))).toEqual(ranked(key, runners(8).reverse()))
})

test.each([2, 3, 8, 50])('keys are even over %d runners', (count) => {
  const firsts = firstOf(runners(count))
  const shares = runners(count).map(({ name }) => firsts.filter((first) => first === name).length)
  // Within five standard deviations of a binomial count.
  const mean = keys.length / count
  for (const share of shares) expect(Math.abs(share - mean)).toBeLessThan(5 * Math.sqrt(mean * (1 - 1 / count)))
})

test.each([1, 2, 7, 20])('one runner beside %d takes over keys, and no key moves but to it', (count) => {
  const [before, after] = [firstOf(runners(count)), firstOf(runners(count + 1))]
  const joined = runners(count + 1).at(-1)!.name
  const moved = keys.filter((_, at) => before[at] !== after[at])
  for (const [at] of keys.entries()) if (before[at] !== after[at]) expect(after[at]).toBe(joined)
  const share = keys.length / (count + 1)
  expect(Math.abs(moved.length - share)).toBeLessThan(5 * Math.sqrt(share))
})

test('the keys of a runner that leaves go to the next of each one ranking, over all that are left', () => {
  const left = runners(8).filter((_, at) => at !== 3)
  const gone = runners(8)[3]!.name
  const takers = new Set<string>()
  for (const key of keys) {
    const [first, second] = ranked(key, runners(8))
    const now = ranked(key, left)[0]!
    expect(now).toEqual(first!.name === gone ? second : first)
    if (first!.name === gone) takers.add(now.name)
  }
  expect(takers.size).toBe(7)
})
