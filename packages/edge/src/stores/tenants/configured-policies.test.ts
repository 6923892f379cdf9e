import type { Policy } from '@weft/protocol'
import { expect, test } from 'vitest'
import type { TenantStores } from '../tenant-stores.ts'
import { configuredPolicies } from './configured-policies.ts'

test('a policy that was being read as it was changed counts no longer once the change is made', async () => {
  let stored: Policy = { maxTokens: 1 }
  let reading: Promise<void> | undefined
  const open = () => ({
    policy: {
      async get() {
        const policy = stored
        await reading
        return policy
      },
      async put(policy: Policy) {
        stored = policy
      },
    },
  })
  const { policy } = configuredPolicies(open as unknown as () => TenantStores, new Map())('acme')
  const slow = Promise.withResolvers<void>()
  reading = slow.promise
  const before = policy.get()
  await policy.put({ maxTokens: 2 })
  slow.resolve()
  expect(await before).toEqual({ maxTokens: 1 })
  expect(await policy.get()).toEqual({ maxTokens: 2 })
})
