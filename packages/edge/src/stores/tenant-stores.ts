import type { AdapterAliases } from './adapter-aliases.ts'
import type { AdapterBlobs } from './adapter-blobs.ts'
import type { AdapterNames, AdapterVersion } from './adapter-names.ts'
import type { AdapterProbes } from './adapter-probes.ts'
import type { Batches, BatchRecord } from './batches.ts'
import type { Calibrations } from './calibrations.ts'
import type { Checkpoints } from './checkpoints.ts'
import { defaultTenant } from './default-tenant.ts'
import type { IdempotencyKeys } from './idempotency-keys.ts'
import type { JobRecord, Jobs } from './jobs.ts'
import type { Responses } from './responses.ts'
import type { Routes } from './routes.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { TenantPolicy } from './tenant-policy.ts'
import type { AuditLog } from './tenants/audit-log.ts'
import type { Keys } from './tenants/keys.ts'
import type { Shares } from './tenants/shares.ts'
import type { TrainingFiles } from './training-files.ts'
import type { TenantUsage } from './usage.ts'

export { defaultTenant }

/** All that one tenant has. Nothing here reaches what is another's: a name or an id of theirs is one that does not exist. */
export interface TenantStores {
  readonly tenant: string
  readonly names: AdapterNames
  readonly aliases: AdapterAliases
  readonly blobs: AdapterBlobs
  /** Where an adapter's file lies: with the tenant whose it is, which may be one that shares it. */
  blobsOf(adapter: Pick<AdapterVersion, 'tenant'>): AdapterBlobs
  /** Inputs that its adapters carry; of what is shared with it there are none here. */
  readonly probes: AdapterProbes
  readonly files: TrainingFiles
  readonly jobs: Jobs
  readonly batches: Batches
  readonly routes: Routes
  readonly calibrations: Calibrations
  readonly responses: Responses
  readonly checkpoints: Checkpoints
  readonly signingKeys: SigningKeys
  readonly keys: Keys
  readonly shares: Shares
  readonly audit: AuditLog
  readonly idempotencyKeys: IdempotencyKeys
  /** What its requests may ask, which the operator alone changes. */
  readonly policy: TenantPolicy
  /** What its requests came to. */
  readonly usage: TenantUsage
}

/** Opens a tenant's stores. */
export type OpenStores = (tenant: string) => TenantStores

/** Jobs of every tenant, for what wakes and hosts them; no request gets hold of these. */
export interface AllJobs {
  get(id: string): Promise<JobRecord | undefined>
  /** Ids of jobs that are not final. */
  unfinished(): Promise<string[]>
}

/** Batches of every tenant, likewise. */
export interface AllBatches {
  get(id: string): Promise<BatchRecord | undefined>
  /** Ids of batches that are not final. */
  unfinished(): Promise<string[]>
}

/** What a tenant's keys begin with in a store that has no columns. The default tenant's are bare, as they were before there were others. */
export const keyPrefix = (tenant: string): string => (tenant === defaultTenant ? '' : `@${tenant}/`)
