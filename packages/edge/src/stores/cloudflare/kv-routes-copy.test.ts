import type { RouteObject } from '@weft/protocol'
import { expect, test } from 'vitest'
import type { Routes } from '../routes.ts'
import { AbsentRoutes, kvRoutesCopy } from './kv-routes-copy.ts'

/** KV, which takes one write of a key in a second. */
function busyKv(): KVNamespace {
  const writtenAt = new Map<string, number>()
  const write = async (key: string): Promise<void> => {
    if (Date.now() - (writtenAt.get(key) ?? 0) < 1000) throw new Error('KV PUT failed: 429 Too Many Requests')
    writtenAt.set(key, Date.now())
  }
  return { get: async () => null, put: write, delete: write } as unknown as KVNamespace
}

test('a route is changed and deleted though KV takes no second write of its name so soon', async () => {
  let held: RouteObject | undefined = { name: 'orator', composition: 'base', version: 1 } as RouteObject
  const origin = {
    get: async () => held,
    put: async (route: RouteObject) => (held = { ...route, version: 2 }),
    delete: async () => {
      held = undefined
      return true
    },
  } as unknown as Routes
  const routes = kvRoutesCopy(busyKv(), 'default', origin, new AbsentRoutes())
  // Whoever changes it has looked what it was, which has just been copied.
  expect(await routes.get('orator')).toMatchObject({ version: 1 })
  expect(await routes.put({ ...held, composition: 'base + "Hello."' })).toMatchObject({ version: 2 })
  expect(await routes.delete('orator')).toBe(true)
})
