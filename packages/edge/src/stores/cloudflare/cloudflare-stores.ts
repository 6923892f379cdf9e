import type { Environment } from '../../environment.ts'
import { sqlStores } from '../sql/sql-stores.ts'
import type { OpenStores } from '../tenant-stores.ts'
import { AbsentRoutes, kvRoutesCopy } from './kv-routes-copy.ts'
import { r2ObjectStorage } from './r2-object-storage.ts'

type Bindings = Pick<Environment, 'ADAPTERS' | 'FILES' | 'CHECKPOINTS' | 'DB' | 'ROUTES'>

/** A tenant's stores in R2, D1 and KV. */
export const cloudflareStores = ({ ADAPTERS, FILES, CHECKPOINTS, DB, ROUTES }: Bindings, now: () => number): OpenStores => {
  const absent = new AbsentRoutes()
  return sqlStores({
    database: DB,
    objects: { adapters: r2ObjectStorage(ADAPTERS), files: r2ObjectStorage(FILES), checkpoints: r2ObjectStorage(CHECKPOINTS) },
    now,
    routesCopy: (tenant, origin) => kvRoutesCopy(ROUTES, tenant, origin, absent),
  })
}
