import { expect, test } from 'vitest'
import { pinnedStores } from '../../src/batches/pin-names.ts'
import type { PrincipalStores } from '../../src/stores/tenants/open-for-principal.ts'

test('a name that nothing stood for is not found, though every object has a member of that name', async () => {
  const names = { findAll: async (refs: readonly unknown[]) => refs.map(() => undefined) }
  const now = { name: 'constructor', version: 1, composition: 'base', defaults: { seed: 1 } }
  const stores = { names, beneathRoutes: names, routes: { get: async () => now } } as unknown as PrincipalStores
  const pinned = pinnedStores(stores, { adapters: {}, routes: {} })
  expect(await pinned.names.findAll([{ kind: 'adapter', name: 'constructor' }])).toEqual([undefined])
  expect(await pinned.routes.get('constructor')).toEqual(now)
})
