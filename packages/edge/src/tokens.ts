import type { PluginRegistry } from '@weft/methods'
import type { WeftConfig } from '@weft/protocol'
import type { Hono } from 'hono'
import type { ServiceIdentifier } from 'inversify'
import type { Admit } from './auth/admit.ts'
import type { Authenticate } from './auth/authenticate.ts'
import type { Environment } from './environment.ts'
import type { Variables } from './http/variables.ts'
import type { CreateJob } from './jobs/create-job.ts'
import type { Supervision } from './jobs/supervision.ts'
import type { Supervisors } from './jobs/supervisors.ts'
import type { TakeUp } from './jobs/take-up.ts'
import type { LoadAdapter } from './resolve/adapter-cache.ts'
import type { HashFirst } from './resolve/hash-first.ts'
import type { ModelCatalog } from './resolve/model-catalog.ts'
import type { ComposeModel, PackModel } from './resolve/pack-model.ts'
import type { ResolveModel } from './resolve/resolve-model.ts'
import type { Runner } from './runner/runner.ts'
import type { AdapterBlobs } from './stores/adapter-blobs.ts'
import type { AdapterNames } from './stores/adapter-names.ts'
import type { Calibrations } from './stores/calibrations.ts'
import type { Checkpoints } from './stores/checkpoints.ts'
import type { Jobs } from './stores/jobs.ts'
import type { Routes } from './stores/routes.ts'
import type { TrainingFiles } from './stores/training-files.ts'

const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`weft.edge.${name}`) as ServiceIdentifier<T>

/** What the composition root binds, each with its type. */
export const tokens = {
  environment: token<Environment>('environment'),
  config: token<WeftConfig>('config'),
  now: token<() => number>('now'),
  plugins: token<PluginRegistry>('plugins'),
  admit: token<Admit>('admit'),
  authenticate: token<Authenticate>('authenticate'),
  runner: token<Runner>('runner'),
  blobs: token<AdapterBlobs>('blobs'),
  names: token<AdapterNames>('names'),
  files: token<TrainingFiles>('files'),
  jobs: token<Jobs>('jobs'),
  routes: token<Routes>('routes'),
  calibrations: token<Calibrations>('calibrations'),
  checkpoints: token<Checkpoints>('checkpoints'),
  supervisors: token<Supervisors>('supervisors'),
  supervision: token<Supervision>('supervision'),
  takeUp: token<TakeUp>('takeUp'),
  create: token<CreateJob>('create'),
  catalog: token<ModelCatalog>('catalog'),
  resolve: token<ResolveModel>('resolve'),
  load: token<LoadAdapter>('load'),
  compose: token<ComposeModel>('compose'),
  pack: token<PackModel>('pack'),
  hashFirst: token<HashFirst>('hashFirst'),
  maxFileBytes: token<number>('maxFileBytes'),
  /** Every endpoint, in the order in which they are tried. */
  endpoint: token<Hono<Variables>>('endpoint'),
  app: token<Hono<Variables>>('app'),
}
