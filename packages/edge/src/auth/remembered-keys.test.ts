import { afterEach, expect, test, vi } from 'vitest'
import type { StoredKey } from '../stores/tenants/keys.ts'
import { RememberedKeys } from './remembered-keys.ts'

afterEach(() => void vi.useRealTimers())

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

test('a key that was revoked elsewhere is no longer good either where the clock was set back since', async () => {
  vi.useFakeTimers()
  const stored = { revokedAt: null } as StoredKey
  const remembered = new RememberedKeys({ get: async () => ({ ...stored }) })
  await remembered.find('key-a')
  stored.revokedAt = 1
  vi.setSystemTime(Date.now() - 3_600_000)
  expect(await remembered.find('key-a')).toMatchObject({ revokedAt: 1 })
})
