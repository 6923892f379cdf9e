import { checkBase, errors, parseWire } from '@weft/adapters'
import {
  checkActs,
  checkAsked,
  checkContext,
  checkParameters,
  checkRequired,
  checkSpelling,
  checkTask,
  checkWarmStart,
  checkWarmStartHead,
  fromDocumentOf,
  fromPairsOf,
  type HyperparametersInput,
  ofPlugin,
  type PluginRegistry,
  paramsOf,
  parseConfig,
  usualHyperparameters,
} from '@weft/methods'
import { documentMissing, nothingToTrain, pairsMissing } from '@weft/methods/errors'
import {
  checkKnownLabels,
  checkLabels,
  createJobSchema,
  type FileObject,
  type FineTuningJob,
  type HeldModel,
  type RowKind,
  type TrainingSpec,
  taskOfRows,
} from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import type { Signatures } from '../adapters/signatures.ts'
import { outsideScopes } from '../auth/errors.ts'
import { invalidRequest, jobTooLarge } from '../errors.ts'
import { checkElsewhere } from '../executors/check-job.ts'
import type { Executors } from '../executors/executors.ts'
import { withoutNulls } from '../http/without-nulls.ts'
import { newId, nowSeconds } from '../identifiers.ts'
import { silentOn } from '../probes/silent-on.ts'
import { findOneNamed } from '../resolve/find-named.ts'
import { checkFree } from '../resolve/free-name.ts'
import { defaultModel, type ModelCatalog } from '../resolve/model-catalog.ts'
import { parseField } from '../resolve/parse-field.ts'
import type { Inference } from '../runner/inference.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { JobRecord } from '../stores/jobs.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import { checkAwaited } from './checks/check-awaited.ts'
import { checkDocumentJob } from './checks/check-document-job.ts'
import { checkPairsJob } from './checks/check-pairs-job.ts'
import { checkTexts, tokensAt } from './checks/check-texts.ts'
import { publishedInstead } from './checks/published-instead.ts'
import { timesUsualRate, withDefaults } from './checks/with-defaults.ts'
import { jointAtRunner } from './joint-word.ts'
import { phasesOf } from './phases.ts'
import { ofSupervised } from './supervised.ts'

export interface CreateJobDependencies {
  plugins: PluginRegistry
  catalog: ModelCatalog
  inference: Pick<Inference, 'score'>
  signatures: Pick<Signatures, 'checkJob'>
  executors: Executors
  /** Base models that the deployment's config names: known also while the runner is away. */
  configuredModels: readonly string[]
  /** The most that the adapters a job names may have together, all of which are sent to the runner with it. */
  maxAdapterBytes: number
  /** Beneath what a request says. */
  hyperparameters: HyperparametersInput
  /** Of a request that names none. */
  defaultMethod: string
}

/**
 * @param stores whose job it will be
 * @param settling of a job that is one of a stack's: the stack, and on whose probes it is silent
 * @param settling.id of the job; a fresh one unless given
 */
export type CreateJob = (body: unknown, stores: PrincipalStores, settling?: Pick<TrainingSpec, 'settles' | 'silentOn'> & { id?: string }) => Promise<JobRecord>

/**
 * Checks everything about a job that can be checked without training, so that what would fail later is refused now. Needs no runner.
 * Errors: 400 for the body, the method's config, files and labels; 404 for method, files, model and required adapters.
 */
export const createJob =
  ({
    plugins,
    catalog,
    inference,
    signatures,
    executors,
    configuredModels,
    maxAdapterBytes,
    hyperparameters,
    defaultMethod,
  }: CreateJobDependencies): CreateJob =>
  async (written, stores, settling) => {
    const { tenant, files, allowed } = stores
    const body = ofSupervised(written, defaultMethod)
    const plugin = plugins.get(methodOf(body))
    const readFor = (base?: HeldModel) => parseWire(createJobSchema, withDefaults(body, { ...hyperparameters, ...usualHyperparameters(plugin, base?.spec) }))
    const stated = readFor()
    const suffix = stated.suffix ?? newId(plugin.id)
    if (!allowed.name(suffix)) throw outsideScopes(suffix, 'suffix')
    await checkFree(suffix, { ...stores, catalog }, 'suffix')
    await signatures.checkJob(suffix)
    const method = stated.method!
    const { type } = method
    for (const key of Object.keys(method))
      if (key !== 'type' && key !== type) throw invalidRequest(`the config of "${type}" stands under "${type}"`, `method.${key}`)
    const training = await fileOf(stated.trainingFile, 'training_file')
    const validation = stated.validationFile ? await fileOf(stated.validationFile, 'validation_file') : undefined
    if (validation && validation.kind !== training.kind)
      throw invalidRequest(`its rows are "${validation.kind}" rows, the training file's "${training.kind}" rows`, 'validation_file')
    // What "base" stands for may be in scope by its own name; of any other, which is not, nothing is looked up.
    const base = allowed.model(stated.model) || stated.model === defaultModel ? await modelOf(stated.model) : undefined
    const model = base?.name ?? (stated.model === defaultModel ? (configuredModels[0] ?? defaultModel) : stated.model)
    if (!allowed.model(stated.model, model)) throw errors.notFound('model', stated.model, [], 'model')
    // A method's own rate may depend on how wide the model is.
    const request = readFor(base)
    const timesUsual = base ? undefined : timesUsualRate(plugin, body, request.hyperparameters)
    const task = taskOfRows(training.kind, base?.spec)
    if (plugin.trains === false) throw nothingToTrain(type)
    // Before the config: what is wrong with one does not matter of a method that cannot do it at all.
    if (training.kind === 'pair') fromPairsOf(plugin)
    if (training.kind === 'document') fromDocumentOf(plugin)
    checkSpelling(plugin, (body as { method: Record<string, unknown> }).method[type])
    const asked = parseConfig(
      plugin,
      withoutNulls([plugin.config], method[type], (field) => field),
    )
    checkTask(plugin, task, asked)
    const elsewhere = request.executor
      ? checkElsewhere(executors, { request, plugin, config: asked as Record<string, unknown>, kind: training.kind, task, model, base: base?.spec })
      : undefined
    const config = elsewhere?.config ?? asked
    // What this base has no place for; with a trunk, only who has it can say.
    if (training.kind === 'pair') checkPairsJob(plugin, config, { request, written: body, ...(base && { base: base.spec }) })
    else if (training.kind === 'document') checkDocumentJob(plugin, { request, written: body })
    else if (request.pairs) throw pairsMissing()
    else if (request.document) throw documentMissing()
    else if (base && !plugin.requires) {
      checkParameters(plugin, paramsOf(plugin, config, base.spec), base.spec)
      checkContext(plugin, config, base.spec)
      checkActs(plugin, config, base.spec, task)
    }
    if (base) checkAsked(plugin, config, base.spec)
    if (base) await checkTexts(plugin, config, tokensAt(inference, base))
    await checkAwaited(plugin, config, training, files)
    const labels = task === 'SEQ_CLS' || task === 'TOKEN_CLS' ? labelsOf(training, validation) : undefined
    const { pooling } = request
    if (pooling && task !== 'SEQ_CLS') throw invalidRequest(`only a classifier of texts (rows of {"text", "label"}) pools; this job is for ${task}`, 'pooling')
    if (request.joint && request.hyperparameters.precision === 'int8')
      throw invalidRequest(
        'jobs that share a batch share the weights of their runner, which are no integers: leave "joint" out, or precision',
        'hyperparameters.precision',
      )

    const reference = request.foreignFile ? await fileOf(request.foreignFile, 'foreign_file') : undefined
    if (reference && !request.locality && !request.partners) throw invalidRequest('reference text is used by "locality" and "partners" alone', 'foreign_file')
    const trained = { ref: suffix, digest: '', sites: [...plugin.sites, ...(labels ? ['head'] : [])] }
    const { phases, required: besides } = await phasesOf(request, stores, { trained, model, models: await catalog.names() })
    const silent = settling?.silentOn ?? (phases.locality ? await silentOn(stores, { name: suffix, data: training.digest, from: phases.from }) : [])
    const from = besides.find((adapter) => adapterId(adapter) === phases.from)
    if (from) {
      const start = { reference: phases.from!, manifest: from.manifest }
      checkWarmStart(plugin, config, start)
      checkWarmStartHead({ task, labels, pooling }, start)
    }
    const adapters = [...(await Promise.all((ofPlugin(plugin, 'requires', () => plugin.requires?.(config)) ?? []).map(requiredAdapter))), ...besides]
    if (base) for (const adapter of adapters) checkBase(adapter.manifest, base, adapterId(adapter))
    const together = adapters.reduce((sum, { bytes }) => sum + bytes, 0)
    if (together > maxAdapterBytes) throw jobTooLarge(together, maxAdapterBytes)
    const required: TrainingSpec['required'] = adapters.map((adapter) => ({ ref: adapterId(adapter), digest: adapter.digest }))
    const id = settling?.id ?? newId('ftjob')
    const seed = request.seed ?? 0
    return {
      tenant,
      job: {
        id,
        object: 'fine_tuning.job',
        organizationId: tenant,
        createdAt: nowSeconds(),
        finishedAt: null,
        model: request.model,
        fineTunedModel: null,
        suffix,
        status: 'validating_files',
        trainingFile: training.id,
        validationFile: validation?.id ?? null,
        method: { type, [type]: config } as FineTuningJob['method'],
        hyperparameters: request.hyperparameters,
        ...(pooling ? { pooling } : {}),
        ...phases,
        ...(reference ? { foreignFile: reference.id } : {}),
        ...(request.probes === false ? { probes: false } : {}),
        ...(silent.length ? { silentOn: silent.map(({ ref }) => ref) } : {}),
        ...(settling?.settles ? { settles: settling.settles } : {}),
        ...(request.joint ? { joint: request.joint } : {}),
        ...(elsewhere ? { executor: request.executor!, differences: elsewhere.differences } : {}),
        seed,
        ...(request.metadata ? { metadata: request.metadata } : {}),
        trainedTokens: null,
        estimatedFinish: null,
        error: null,
        resultFiles: [],
      },
      spec: {
        jobId: id,
        name: suffix,
        model: { name: request.model, fingerprint: '' },
        method: type,
        config: config as Record<string, unknown>,
        task,
        ...(labels ? { labels } : {}),
        ...(pooling ? { pooling } : {}),
        hyperparameters: request.hyperparameters,
        ...phases,
        ...(request.joint ? { joint: await jointAtRunner(tenant, request.joint) } : {}),
        seed,
        required,
        data: training.digest,
        ...(validation ? { validation: validation.digest } : {}),
        ...(reference ? { reference: reference.digest } : {}),
        ...(silent.length ? { silentOn: silent } : {}),
        ...(settling?.settles ? { settles: settling.settles } : {}),
      },
      ...(timesUsual === undefined ? {} : { timesUsual }),
    }

    async function fileOf(file: string, param: string): Promise<FileObject & { kind: RowKind }> {
      const found = await files.get(file)
      if (!found) throw errors.notFound('file', file, [], param)
      const { kind } = found
      if (!kind) throw invalidRequest(`"${file}" holds no training rows; upload it with the purpose "fine-tune"`, param)
      return { ...found, kind }
    }

    /** What the base can do; unknown while the runner is away, when only a name that the deployment knows is taken. */
    async function modelOf(model: string): Promise<HeldModel | undefined> {
      const known = model === defaultModel || configuredModels.includes(model)
      const found = catalog.find(model)
      if (known) return found.catch(() => undefined)
      return found.catch(async (error: unknown) => {
        throw (await publishedInstead(error, model, stores)) ?? error
      })
    }

    async function requiredAdapter(reference: string): Promise<AdapterVersion> {
      const param = `method.${type}`
      const ref = parseField(reference, param)
      if (ref.kind !== 'adapter') throw invalidRequest(`"${reference}" must be one adapter, such as "style/trunk@1"`, param)
      const adapter = await findOneNamed(stores, ref, param)
      checkRequired(plugin, adapterId(adapter), adapter.manifest.sites)
      return adapter
    }
  }

/** Checked without the hyperparameters, whose defaults depend on it. */
const methodOf = (body: unknown): string => {
  const rest = body !== null && typeof body === 'object' && !Array.isArray(body) ? { ...body, hyperparameters: undefined } : body
  return parseWire(createJobSchema, rest).method!.type
}

/** The classes, in the order of the head's rows. Validation rows may have no others: the head would have no row for them. */
function labelsOf(training: FileObject, validation: FileObject | undefined): string[] {
  const known = training.labels ?? []
  const labels = checkLabels({ labels: known })
  checkKnownLabels({ file: 'validation', labels: validation?.labels ?? [] }, labels)
  return labels
}
