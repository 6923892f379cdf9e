import { expect, test } from 'vitest'
import type { StoredKey } from '../stores/tenants/keys.ts'
import { RememberedKeys } from './remembered-keys.ts'

test('a key that was being read as it was revoked is read anew', async () => {
  const stored = { revokedAt: null } as StoredKey
  let reads = 0
  const reading = Promise.withResolvers<StoredKey>()
  const remembered = new RememberedKeys({ get: async () => (reads++ === 0 ? reading.promise : { ...stored }) })
  const first = remembered.find('key-a')
  stored.revokedAt = 1
  remembered.forget('key-a')
  reading.resolve({ ...stored, revokedAt: null })
  expect(await first).toMatchObject({ revokedAt: null })
  for (const _ of ['read', 'remembered']) expect(await remembered.find('key-a')).toMatchObject({ revokedAt: 1 })
  expect(reads).toBe(2)
})
