import type { Environment } from '../../environment.ts'
import type { OpenStores } from '../tenant-stores.ts'
import { d1AdapterAliases } from './d1-adapter-aliases.ts'
import { d1AdapterNames } from './d1-adapter-names.ts'
import { d1AdapterProbes } from './d1-adapter-probes.ts'
import { d1Batches } from './d1-batches.ts'
import { d1Calibrations } from './d1-calibrations.ts'
import { d1IdempotencyKeys } from './d1-idempotency-keys.ts'
import { d1Jobs } from './d1-jobs.ts'
import { d1Responses } from './d1-responses.ts'
import { d1Routes } from './d1-routes.ts'
import { d1SigningKeys } from './d1-signing-keys.ts'
import { d1TenantPolicy } from './d1-tenant-policy.ts'
import { d1Usage } from './d1-usage.ts'
import { AbsentRoutes, kvRoutesCopy } from './kv-routes-copy.ts'
import { r2AdapterBlobs } from './r2/r2-adapter-blobs.ts'
import { r2Checkpoints } from './r2/r2-checkpoints.ts'
import { r2TrainingFiles } from './r2/r2-training-files.ts'
import { d1AuditLog } from './tenants/d1-audit-log.ts'
import { d1Keys } from './tenants/d1-keys.ts'
import { d1Shares } from './tenants/d1-shares.ts'

type Bindings = Pick<Environment, 'ADAPTERS' | 'FILES' | 'CHECKPOINTS' | 'DB' | 'ROUTES'>

/** A tenant's stores in R2, D1 and KV. */
export const cloudflareStores = ({ ADAPTERS, FILES, CHECKPOINTS, DB, ROUTES }: Bindings, now: () => number): OpenStores => {
  const absent = new AbsentRoutes()
  return (tenant) => ({
    tenant,
    names: d1AdapterNames(DB, tenant, now),
    aliases: d1AdapterAliases(DB, tenant, now),
    blobs: r2AdapterBlobs(ADAPTERS, tenant),
    blobsOf: (adapter) => r2AdapterBlobs(ADAPTERS, adapter.tenant),
    probes: d1AdapterProbes(DB, tenant, now),
    files: r2TrainingFiles(FILES, DB, tenant),
    jobs: d1Jobs(DB, tenant),
    batches: d1Batches(DB, tenant),
    routes: kvRoutesCopy(ROUTES, tenant, d1Routes(DB, tenant), absent),
    calibrations: d1Calibrations(DB, tenant),
    responses: d1Responses(DB, tenant, now),
    checkpoints: r2Checkpoints(CHECKPOINTS, tenant),
    signingKeys: d1SigningKeys(DB, tenant),
    keys: d1Keys(DB, tenant, now),
    shares: d1Shares(DB, tenant, now),
    audit: d1AuditLog(DB, tenant, now),
    idempotencyKeys: d1IdempotencyKeys(DB, tenant, now),
    policy: d1TenantPolicy(DB, tenant, now),
    usage: d1Usage(DB, tenant),
  })
}
