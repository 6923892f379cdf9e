import type { Environment } from '../../environment.ts'
import type { SqlDatabase } from '../sql/sql-database.ts'
import { sqlStores } from '../sql/sql-stores.ts'
import type { OpenStores } from '../tenant-stores.ts'
import { AbsentRoutes, kvRoutesCopy } from './kv-routes-copy.ts'
import { r2ObjectStorage } from './r2-object-storage.ts'

type Bindings = Pick<Environment, 'ADAPTERS' | 'FILES' | 'CHECKPOINTS' | 'ROUTES'>

/** A tenant's stores in R2, D1 and KV. */
export const cloudflareStores = ({ ADAPTERS, FILES, CHECKPOINTS, ROUTES }: Bindings, database: SqlDatabase, now: () => number): OpenStores => {
  const absent = new AbsentRoutes()
  return sqlStores({
    database,
    objects: { adapters: r2ObjectStorage(ADAPTERS), files: r2ObjectStorage(FILES), checkpoints: r2ObjectStorage(CHECKPOINTS) },
    now,
    routesCopy: (tenant, origin) => kvRoutesCopy(ROUTES, tenant, origin, absent),
  })
}
