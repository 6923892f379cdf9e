import type { PluginRegistry } from '@weft/methods'
import type { WeftConfig } from '@weft/protocol'
import type { Hono } from 'hono'
import type { ServiceIdentifier } from 'inversify'
import type { Signatures } from './adapters/signatures.ts'
import type { AskModel } from './asking/ask-model.ts'
import type { RunnerPlaces } from './asking/runner-places.ts'
import type { ShadowCopies } from './asking/shadow-copies.ts'
import type { Admit } from './auth/admit.ts'
import type { Authenticate, Recognize } from './auth/authenticate.ts'
import type { KnownTenants } from './auth/known-tenants.ts'
import type { AllowOrigin } from './auth/origins.ts'
import type { RememberedKeys } from './auth/remembered-keys.ts'
import type { ChooseOperandsOf } from './auto/choose.ts'
import type { AnswerRequest } from './batches/answer-request.ts'
import type { BatchDispatcher } from './batches/batch-dispatcher.ts'
import type { BatchSupervisors } from './batches/batch-needs.ts'
import type { CreateBatch } from './batches/create-batch.ts'
import type { Send } from './executors/calls.ts'
import type { Executors, LocalProcesses } from './executors/executors.ts'
import type { PublishGate } from './gate/publish-gate.ts'
import type { Variables, Waits } from './http/variables.ts'
import type { CreateJob } from './jobs/create-job.ts'
import type { TrainersElsewhere } from './jobs/elsewhere/trainers-elsewhere.ts'
import type { JobDispatcher } from './jobs/job-dispatcher.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import type { Supervise } from './jobs/supervision.ts'
import type { Limiter } from './limits/limiter.ts'
import type { SeeRequest } from './observed/request-seen.ts'
import type { LoadAdapter } from './resolve/adapter-cache.ts'
import type { HashFirst } from './resolve/hash-first.ts'
import type { ModelCatalog } from './resolve/model-catalog.ts'
import type { ComposeModel, PackModel } from './resolve/pack-model.ts'
import type { ResolveModel } from './resolve/resolve-model.ts'
import type { ShowAdapter } from './routes/adapters/show-adapter.ts'
import type { ConsoleFiles } from './routes/operations/console.ts'
import type { Compositions } from './runner/compositions.ts'
import type { OpenTransport } from './runner/http/transport.ts'
import type { Inference } from './runner/inference.ts'
import type { ModelDirectory } from './runner/model-directory.ts'
import type { ResolveName } from './runner/pool/name-resolver.ts'
import type { RunnerPool } from './runner/pool/runner-pool.ts'
import type { Trainers } from './runner/pool/trainers.ts'
import type { DatabaseCheck } from './stores/database-check.ts'
import type { AllBatches, AllJobs, OpenStores } from './stores/tenant-stores.ts'
import type { AllKeys } from './stores/tenants/keys.ts'
import type { OpenForPrincipal } from './stores/tenants/open-for-principal.ts'
import type { AllUsage } from './stores/usage.ts'
import type { RecordUsage } from './usage/usage-recorder.ts'

const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`weft.edge.${name}`) as ServiceIdentifier<T>

/** What the composition root binds, each with its type. */
export const tokens = {
  config: token<WeftConfig>('config'),
  now: token<() => number>('now'),
  plugins: token<PluginRegistry>('plugins'),
  /** Whether the deployment is one for this machine alone. */
  isLocal: token<boolean>('isLocal'),
  admit: token<Admit>('admit'),
  /** Which other origins' pages may ask. */
  origins: token<AllowOrigin>('origins'),
  /** Where a person finds the local key, for the welcome page. */
  localKeyFile: token<string | undefined>('localKeyFile'),
  /** Who holds the key that the deployment begins with. */
  bootstrapKey: token<Recognize>('bootstrapKey'),
  tenants: token<KnownTenants>('tenants'),
  rememberedKeys: token<RememberedKeys>('rememberedKeys'),
  authenticate: token<Authenticate>('authenticate'),
  /** The console's built files; undefined where there are none. */
  consoleFiles: token<ConsoleFiles | undefined>('consoleFiles'),
  /** Where runners listen, unless the config says so. */
  runnerUrls: token<readonly string[]>('runnerUrls'),
  /** The way to a runner, by its URL. */
  openTransport: token<OpenTransport>('openTransport'),
  /** What a host name stands for; over DNS-over-HTTPS, unless a host has a way of its own. */
  resolveName: token<ResolveName>('resolveName'),
  pool: token<RunnerPool>('pool'),
  /** Hears of every request. */
  see: token<SeeRequest>('see'),
  inference: token<Inference>('inference'),
  compositions: token<Compositions>('compositions'),
  trainers: token<Trainers>('trainers'),
  executors: token<Executors>('executors'),
  trainersElsewhere: token<TrainersElsewhere>('trainersElsewhere'),
  /** The host's way to the APIs of executors. */
  sendToExecutor: token<Send>('sendToExecutor'),
  /** Processes that the host can start; undefined where it can start none. */
  mostQuestions: token<number>('mostQuestions'),
  localProcesses: token<LocalProcesses | undefined>('localProcesses'),
  /** The value of a variable or secret that the config names. */
  secret: token<(variable: string) => string | undefined>('secret'),
  directory: token<ModelDirectory>('directory'),
  /** The host's stores, opened for a tenant. Endpoints get theirs from the request (`c.get('stores')`) and never these. */
  /** As the host has them, without what the deployment's config adds. */
  openStored: token<OpenStores>('openStored'),
  openStores: token<OpenStores>('openStores'),
  openForPrincipal: token<OpenForPrincipal>('openForPrincipal'),
  allJobs: token<AllJobs>('allJobs'),
  /** Deletes answers of `/v1/responses` that have expired, whosever they are. */
  sweepResponses: token<() => Promise<void>>('sweepResponses'),
  /** How long they are kept, in days; 0 keeps none. */
  responseDays: token<number>('responseDays'),
  allKeys: token<AllKeys>('allKeys'),
  dispatcher: token<JobDispatcher>('dispatcher'),
  /** Puts a job's id on the host's queue. */
  sendJob: token<(id: string) => Promise<unknown>>('sendJob'),
  supervise: token<Supervise>('supervise'),
  jobQueue: token<JobQueue>('jobQueue'),
  create: token<CreateJob>('create'),
  allBatches: token<AllBatches>('allBatches'),
  batchDispatcher: token<BatchDispatcher>('batchDispatcher'),
  /** Puts a batch's id on the host's queue. */
  sendBatch: token<(id: string) => Promise<unknown>>('sendBatch'),
  /** Requests of one batch that run side by side. */
  batchConcurrency: token<number>('batchConcurrency'),
  batchSupervisors: token<BatchSupervisors>('batchSupervisors'),
  batchQueue: token<JobQueue>('batchQueue'),
  createBatch: token<CreateBatch>('createBatch'),
  answerRequest: token<AnswerRequest>('answerRequest'),
  /** Endpoints that a batch's requests may go to. */
  batchEndpoint: token<Hono<Variables>>('batchEndpoint'),
  /** This deployment's private key, in PEM, for what jobs publish. */
  signingKey: token<string | undefined>('signingKey'),
  signatures: token<Signatures>('signatures'),
  gate: token<PublishGate>('gate'),
  show: token<ShowAdapter>('show'),
  catalog: token<ModelCatalog>('catalog'),
  resolve: token<ResolveModel>('resolve'),
  load: token<LoadAdapter>('load'),
  compose: token<ComposeModel>('compose'),
  pack: token<PackModel>('pack'),
  hashFirst: token<HashFirst>('hashFirst'),
  ask: token<AskModel>('ask'),
  choose: token<ChooseOperandsOf>('choose'),
  limiter: token<Limiter>('limiter'),
  allUsage: token<AllUsage>('allUsage'),
  recordUsage: token<RecordUsage>('recordUsage'),
  shadows: token<ShadowCopies>('shadows'),
  /** What is known of a runner that is full. */
  places: token<RunnerPlaces>('places'),
  maxFileBytes: token<number>('maxFileBytes'),
  /** How long a request may take, and a client wait for its first byte. */
  waits: token<Waits>('waits'),
  /** How long a request waits for a runner that is starting, in milliseconds. */
  runnerStartMs: token<number>('runnerStartMs'),
  /** Throws what is wrong with the database, if anything is. */
  checkDatabase: token<(what: DatabaseCheck) => Promise<void>>('checkDatabase'),
  /** Every endpoint, in the order in which they are tried. */
  endpoint: token<Hono<Variables>>('endpoint'),
  app: token<Hono<Variables>>('app'),
}
