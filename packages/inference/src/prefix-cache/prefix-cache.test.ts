import { Random } from '@weft/adapters'
import { describe, expect, test } from 'vitest'
import { EMPTY } from '../sequence.ts'
import { BLOCK, PrefixCache } from './prefix-cache.ts'

const owner = (composition: string | null, tenant?: string) => ({ model: 'm', composition, ...(tenant !== undefined && { tenant }) })
/** A block of 64 bytes that tells what it was read of. */
const block = (of: number): Float32Array => new Float32Array(16).fill(of)
const tokens = (blocks: readonly number[], rest = 0): number[] => [...blocks.flatMap((id) => Array<number>(BLOCK).fill(id)), ...Array<number>(rest).fill(999)]
const keep = (cache: PrefixCache, of: ReturnType<typeof owner>, blocks: readonly number[]): number[] => {
  const read: number[] = []
  cache.keep(of, tokens(blocks, 3), (i) => (read.push(blocks[i]), block(blocks[i])))
  return read
}
const matched = (cache: PrefixCache, of: ReturnType<typeof owner>, blocks: readonly number[]): number[] =>
  cache.match(of, tokens(blocks, 3)).map(([first]) => first)

describe('what prompts have in common', () => {
  test('the longest beginning in whole blocks is found, and only what is new is read', () => {
    const cache = new PrefixCache(1e6)
    expect(keep(cache, owner(null), [1, 2, 3])).toEqual([1, 2, 3])
    expect(keep(cache, owner(null), [1, 2, 4])).toEqual([4])
    expect(matched(cache, owner(null), [1, 2, 3, 5])).toEqual([1, 2, 3])
    expect(matched(cache, owner(null), [1, 2, 4])).toEqual([1, 2, 4])
    expect(matched(cache, owner(null), [2, 3])).toEqual([])
    expect(cache.match(owner(null), tokens([1, 2, 3]), 3 * BLOCK - 1).length).toBe(2)
    expect(cache.counts).toMatchObject({ bytes: 4 * 64, hitTokens: 8 * BLOCK, evictions: 0 })
  })

  test('nothing is shared across compositions, models or tenants', () => {
    const cache = new PrefixCache(1e6)
    keep(cache, owner('a', 'one'), [1, 2])
    for (const other of [owner('a'), owner('a', 'two'), owner('b', 'one'), owner(null, 'one'), { ...owner('a', 'one'), model: 'n' }])
      expect(matched(cache, other, [1, 2])).toEqual([])
    expect(matched(cache, owner('a', 'one'), [1, 2])).toEqual([1, 2])
  })

  test('the least recently used give way, a block before those that lead to it', () => {
    const cache = new PrefixCache(5 * 64)
    keep(cache, owner(null), [1, 2, 3])
    keep(cache, owner(null), [7, 8])
    matched(cache, owner(null), [1, 2])
    keep(cache, owner(null), [9])
    expect(cache.counts).toMatchObject({ bytes: 5 * 64, evictions: 1 })
    expect(matched(cache, owner(null), [1, 2, 3])).toEqual([1, 2])
    expect(matched(cache, owner(null), [7, 8])).toEqual([7, 8])
  })

  test('what is larger alone is not kept, and nothing gives way to it', () => {
    const cache = new PrefixCache(5 * 64)
    keep(cache, owner(null), [1, 2, 3])
    cache.keepComposition(owner('a'), { ...EMPTY, keyValue: new Float32Array(96) })
    expect(cache.composition(owner('a'))).toBeUndefined()
    cache.keep(owner('b'), tokens([7]), () => new Float32Array(96))
    expect(matched(cache, owner(null), [1, 2, 3])).toEqual([1, 2, 3])
    expect(cache.counts).toMatchObject({ bytes: 3 * 64, evictions: 0 })
  })

  test('a composition takes its bytes of the same budget; a pinned one stays', () => {
    const cache = new PrefixCache(5 * 64)
    const fixed = { ...EMPTY, keyValue: new Float32Array(32) }
    cache.pin(owner('a'), true)
    cache.keepComposition(owner('a'), fixed)
    cache.keepComposition(owner('b'), fixed)
    keep(cache, owner('a'), [1, 2])
    expect(cache.composition(owner('b'))).toBeUndefined()
    expect(cache.composition(owner('a'))).toBe(fixed)
    keep(cache, owner(null), [3, 4, 5])
    expect(cache.composition(owner('a'))).toBe(fixed)
    expect(matched(cache, owner('a'), [1, 2])).toEqual([])
    cache.pin(owner('a'), false)
    keep(cache, owner(null), [3, 4, 5, 6, 7])
    expect(cache.composition(owner('a'))).toBeUndefined()
    expect(cache.counts.bytes).toBeLessThanOrEqual(5 * 64)
  })

  test('what is larger than the budget alone is not kept', () => {
    const cache = new PrefixCache(63)
    keep(cache, owner(null), [1])
    cache.keepComposition(owner('a'), { ...EMPTY, keyValue: new Float32Array(32) })
    expect(cache.counts.bytes).toBe(0)
  })

  test('10,000 random prompts: never a wrong block, never over the budget, and all bytes are accounted for', () => {
    const cache = new PrefixCache(40 * 64)
    const random = new Random('prompts')
    for (let i = 0; i < 10_000; i++) {
      const of = owner(random.integer(3) ? null : 'a', random.integer(2) ? 'one' : undefined)
      const prompt = Array.from({ length: 1 + random.integer(5) }, () => random.integer(4))
      const [kind] = [JSON.stringify(of).length]
      const found = cache.match(of, tokens(prompt))
      for (const [at, [id, , , whose]] of found.entries()) expect([id, whose]).toEqual([prompt[at], kind])
      cache.keep(of, tokens(prompt), (at) => block(prompt[at]).fill(kind, 1))
      expect(cache.counts.bytes).toBeLessThanOrEqual(40 * 64)
    }
    expect(cache.counts.hitTokens).toBeGreaterThan(0)
    expect(cache.counts.evictions).toBeGreaterThan(0)
    cache.clear()
    expect(cache.counts.bytes).toBe(0)
  })
})
