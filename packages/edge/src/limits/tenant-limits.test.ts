import type { Limits } from '@weft/protocol'
import { expect, test } from 'vitest'
import { emptyState, type LimitsState, type LimitsStorage, noStorage } from './limits-storage.ts'
import { TenantLimits } from './tenant-limits.ts'

const noon = Date.UTC(2026, 5, 1, 12)
let count = 0
const asking = (limits: Limits, { tokens = 0, leaseMs = 60_000, id = `lease-${count++}` } = {}) => ({
  id,
  limits: [{ scope: 'tenant' as const, limits }],
  tokens,
  leaseMs,
})

test('requests a minute: a bucket that fills evenly', () => {
  const limits = new TenantLimits(noStorage)
  const asked = { requestsPerMinute: 60 }
  for (let i = 0; i < 60; i++) expect(limits.reserve(asking(asked), noon).granted).toBe(true)
  const refused = limits.reserve(asking(asked), noon)
  expect(refused).toMatchObject({ granted: false, limit: 'requestsPerMinute', most: 60, retryAfterMs: 1000 })
  expect(refused.allowances.requests).toEqual({ limit: 60, remaining: 0, resetMs: 60_000 })
  expect(limits.reserve(asking(asked), noon + 999).granted).toBe(false)
  expect(limits.reserve(asking(asked), noon + 1000)).toMatchObject({ granted: true, allowances: { requests: { remaining: 0 } } })
})

test('requests under way: a place is free when one ends, or when its time is over', () => {
  const limits = new TenantLimits(noStorage)
  const two = { concurrency: 2 }
  limits.reserve(asking(two, { id: 'a' }), noon)
  limits.reserve(asking(two, { id: 'b', leaseMs: 5000 }), noon)
  expect(limits.reserve(asking(two), noon)).toMatchObject({ granted: false, limit: 'concurrency', most: 2 })
  limits.settle('a', 0, noon)
  expect(limits.reserve(asking(two, { id: 'c' }), noon).granted).toBe(true)
  // Nobody ended b: its Worker was killed.
  expect(limits.reserve(asking(two), noon + 4999).granted).toBe(false)
  expect(limits.reserve(asking(two), noon + 5000).granted).toBe(true)
})

test('tokens: what was guessed is put right by what it was, and more is a debt', () => {
  const limits = new TenantLimits(noStorage)
  const asked = { tokensPerMinute: 100, tokensPerDay: 250 }
  limits.reserve(asking(asked, { id: 'a', tokens: 80 }), noon)
  expect(limits.reserve(asking(asked, { tokens: 30 }), noon)).toMatchObject({ granted: false, limit: 'tokensPerMinute', retryAfterMs: 6000 })
  limits.settle('a', 20, noon)
  expect(limits.reserve(asking(asked, { id: 'b', tokens: 30 }), noon)).toMatchObject({ granted: true, allowances: { tokens: { limit: 100, remaining: 50 } } })
  limits.settle('b', 230, noon)
  // 20 + 230 of the day's 250, and the bucket 150 below nothing: the day decides.
  expect(limits.reserve(asking(asked, { tokens: 1 }), noon)).toMatchObject({ limit: 'tokensPerDay', retryAfterMs: 12 * 3_600_000 })
  expect(limits.reserve(asking({ tokensPerMinute: 100 }, { tokens: 1 }), noon)).toMatchObject({ limit: 'tokensPerMinute', retryAfterMs: 90_600 })
})

test('the time to a full bucket is that behind the request it is told to', () => {
  const limits = new TenantLimits(noStorage)
  const asked = { tokensPerMinute: 100 }
  const tokens = (needed: number) => limits.reserve(asking(asked, { tokens: needed }), noon).allowances.tokens
  expect(tokens(50)).toEqual({ limit: 100, remaining: 50, resetMs: 30_000 })
  expect(tokens(30)).toEqual({ limit: 100, remaining: 20, resetMs: 48_000 })
  // What is refused takes nothing.
  expect(tokens(40)).toEqual({ limit: 100, remaining: 20, resetMs: 48_000 })
})

test('a guess that is larger than a limit asks for all of it', () => {
  const limits = new TenantLimits(noStorage)
  expect(limits.reserve(asking({ tokensPerMinute: 100 }, { id: 'a', tokens: 5000 }), noon).granted).toBe(true)
  expect(limits.reserve(asking({ tokensPerMinute: 100 }, { tokens: 1 }), noon).granted).toBe(false)
  limits.settle('a', 10, noon)
  expect(limits.reserve(asking({ tokensPerMinute: 100 }, { tokens: 90 }), noon).granted).toBe(true)
})

test('days end at midnight UTC; what a request of yesterday costs is not of today', () => {
  const limits = new TenantLimits(noStorage)
  const asked = { requestsPerDay: 2, tokensPerDay: 100 }
  limits.reserve(asking(asked, { id: 'late', tokens: 50, leaseMs: 1e6 }), Date.UTC(2026, 5, 1, 23, 59, 59))
  limits.reserve(asking(asked, { tokens: 50 }), Date.UTC(2026, 5, 1, 23, 59, 59))
  expect(limits.reserve(asking(asked), Date.UTC(2026, 5, 1, 23, 59, 59, 500))).toMatchObject({ granted: false, limit: 'requestsPerDay', retryAfterMs: 500 })
  limits.settle('late', 90, Date.UTC(2026, 5, 2))
  expect(limits.reserve(asking(asked, { tokens: 100 }), Date.UTC(2026, 5, 2)).granted).toBe(true)
})

test('several scopes: all of them grant, or none is charged', () => {
  const limits = new TenantLimits(noStorage)
  const both = (id: string) => ({
    id,
    limits: [
      { scope: 'tenant' as const, limits: { requestsPerMinute: 10 } },
      { scope: 'route:orator' as const, limits: { requestsPerMinute: 1 } },
    ],
    tokens: 0,
    leaseMs: 1000,
  })
  expect(limits.reserve(both('a'), noon)).toMatchObject({ granted: true, allowances: { requests: { limit: 1, remaining: 0 } } })
  expect(limits.reserve(both('b'), noon)).toMatchObject({ granted: false, scope: 'route:orator' })
  expect(limits.reserve(asking({ requestsPerMinute: 10 }), noon)).toMatchObject({ allowances: { requests: { remaining: 8 } } })
})

test('what is kept is enough to go on after a restart', () => {
  const state: LimitsState = emptyState()
  const storage: LimitsStorage = {
    read: () => structuredClone(state),
    writeBucket: (key, bucket) => void state.buckets.set(key, bucket),
    writeSpent: (key, spent) => void state.spent.set(key, spent),
    writeLease: (id, lease) => void state.leases.set(id, lease),
    deleteLease: (id) => void state.leases.delete(id),
  }
  const asked = { concurrency: 1, requestsPerMinute: 5, tokensPerDay: 100 }
  new TenantLimits(storage).reserve(asking(asked, { id: 'a', tokens: 60 }), noon)
  const after = new TenantLimits(storage)
  expect(after.reserve(asking(asked, { tokens: 60 }), noon)).toMatchObject({ granted: false, limit: 'tokensPerDay' })
  after.settle('a', 10, noon)
  expect(new TenantLimits(storage).reserve(asking(asked, { tokens: 60 }), noon)).toMatchObject({ granted: true, allowances: { requests: { remaining: 3 } } })
})

test('a reservation that is taken back has cost nothing of anything, and only once', () => {
  const limits = new TenantLimits(noStorage)
  const asked = { concurrency: 2, requestsPerMinute: 3, requestsPerDay: 3, tokensPerMinute: 100, tokensPerDay: 100 }
  limits.reserve(asking(asked, { id: 'kept', tokens: 10 }), noon)
  const before = limits.reserve(asking(asked, { id: 'a', tokens: 40 }), noon)
  limits.cancel('a', noon)
  limits.cancel('a', noon)
  limits.settle('a', 90, noon)
  expect(limits.reserve(asking(asked, { id: 'b', tokens: 40 }), noon)).toEqual(before)
  // Of a day that is over, nothing is given back to the next.
  limits.cancel('b', noon + 86_400_000)
  expect(limits.reserve(asking({ tokensPerDay: 100 }, { tokens: 0 }), noon + 86_400_000).allowances.tokens).toMatchObject({ remaining: 100 })
})
