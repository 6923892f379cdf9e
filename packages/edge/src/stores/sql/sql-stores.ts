import { objectAdapterBlobs } from '../objects/object-adapter-blobs.ts'
import { objectCheckpoints } from '../objects/object-checkpoints.ts'
import type { ObjectStorages } from '../objects/object-storage.ts'
import { objectTrainingFiles } from '../objects/object-training-files.ts'
import type { Routes } from '../routes.ts'
import type { OpenStores, TenantStores } from '../tenant-stores.ts'
import { sqlAdapterAliases } from './sql-adapter-aliases.ts'
import { sqlAdapterNames } from './sql-adapter-names.ts'
import { sqlAdapterProbes } from './sql-adapter-probes.ts'
import { sqlBatches } from './sql-batches.ts'
import { sqlCalibrations } from './sql-calibrations.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sqlIdempotencyKeys } from './sql-idempotency-keys.ts'
import { sqlJobs } from './sql-jobs.ts'
import { sqlResponses } from './sql-responses.ts'
import { sqlRoutes } from './sql-routes.ts'
import { sqlSigningKeys } from './sql-signing-keys.ts'
import { sqlTenantPolicy } from './sql-tenant-policy.ts'
import { sqlUsage } from './sql-usage.ts'
import { sqlAuditLog } from './tenants/sql-audit-log.ts'
import { sqlKeys } from './tenants/sql-keys.ts'
import { sqlShares } from './tenants/sql-shares.ts'

/** Where a host keeps everything. */
export interface StoredIn {
  database: SqlDatabase
  objects: ObjectStorages
  /** Seconds since 1970. */
  now: () => number
  /** A copy of a tenant's routes that is nearer than the database, where a host has one. */
  routesCopy?: (tenant: string, origin: Routes) => Routes
}

/** A tenant's stores: rows in a database, contents in a storage of objects. */
export const sqlStores =
  ({ database, objects, now, routesCopy = (_, origin) => origin }: StoredIn): OpenStores =>
  (tenant): TenantStores => ({
    tenant,
    names: sqlAdapterNames(database, tenant, now),
    aliases: sqlAdapterAliases(database, tenant, now),
    blobs: objectAdapterBlobs(objects.adapters, tenant),
    blobsOf: (adapter) => objectAdapterBlobs(objects.adapters, adapter.tenant),
    probes: sqlAdapterProbes(database, tenant, now),
    files: objectTrainingFiles(objects.files, database, tenant),
    jobs: sqlJobs(database, tenant),
    batches: sqlBatches(database, tenant),
    routes: routesCopy(tenant, sqlRoutes(database, tenant)),
    calibrations: sqlCalibrations(database, tenant),
    responses: sqlResponses(database, tenant, now),
    checkpoints: objectCheckpoints(objects.checkpoints, tenant),
    signingKeys: sqlSigningKeys(database, tenant),
    keys: sqlKeys(database, tenant, now),
    shares: sqlShares(database, tenant, now),
    audit: sqlAuditLog(database, tenant, now),
    idempotencyKeys: sqlIdempotencyKeys(database, tenant, now),
    policy: sqlTenantPolicy(database, tenant, now),
    usage: sqlUsage(database, tenant),
  })
