import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'

test('a reservation that cannot be written whole takes nothing', async () => {
  const stub = env.TENANT_LIMITS.getByName('halves')
  const limits = [{ scope: 'tenant' as const, limits: { concurrency: 1, requestsPerDay: 2, tokensPerMinute: 100 } }]
  const reserve = (id: string, tokens: number) => stub.reserve({ id, limits, tokens, leaseMs: 60_000 })
  await runInDurableObject(stub, async (object, { storage }) => {
    // The lease is written last: what was written before it has to go too.
    storage.sql.exec("CREATE TRIGGER full BEFORE INSERT ON leases BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")
    for (const id of ['one', 'two', 'three'])
      await expect((object as unknown as typeof stub).reserve({ id, limits, tokens: 60, leaseMs: 60_000 })).rejects.toThrow('full')
    storage.sql.exec('DROP TRIGGER full')
  })
  expect(await reserve('four', 60)).toMatchObject({ granted: true, allowances: { requests: { remaining: 1 }, tokens: { remaining: 40 } } })
  expect(await reserve('five', 10)).toMatchObject({ granted: false, limit: 'concurrency' })
  await stub.settle('four', 60)
  expect(await reserve('six', 10)).toMatchObject({ granted: true, allowances: { requests: { remaining: 0 }, tokens: { remaining: 30 } } })
})
