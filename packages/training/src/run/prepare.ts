import { isOfBase, type LoadedAdapter, positionsOf } from '@weft/adapters'
import {
  checkActs,
  checkAsked,
  checkParameters,
  checkRequired,
  checkTask,
  encodedShapes,
  type Plugin,
  PluginRegistry,
  paramsOf,
  parseConfig,
} from '@weft/methods'
import { documentMissing, nothingToTrain, pairsMissing } from '@weft/methods/errors'
import { type LoadedModel, noTokenizer } from '@weft/model'
import type { Device, Runtime, SessionOptions, Weights } from '@weft/ort'
import { checkKnownLabels, checkLabels, readTrainingRows, splitHeldOut, type TrainingSpec, usualMaxLength } from '@weft/protocol'
import { rowsAtOnce } from '../batch/rows-at-once.ts'
import { labelTasksOf } from '../data/label-tasks.ts'
import { hasRowTasks } from '../data/row-tasks.ts'
import { rowTokenizer } from '../data/row-tokenizer.ts'
import type { Dataset } from '../data/token-row.ts'
import { emptyDataset, tokenizeRowsInSlices } from '../data/tokenize-rows.ts'
import { namesUnread } from '../data/warnings/names-unread.ts'
import { oddCalls } from '../data/warnings/odd-calls.ts'
import { contextTooShort, missingRequired, requiredForOtherBase } from '../errors.ts'
import { parameterSlots, programPlacement, type TrainingProgram } from '../graph/graph.ts'
import { checkTrainable, hasHead } from '../graph/head.ts'
import type { JointSteps } from '../joint/joint-steps.ts'
import { checkInvocations } from './check-invocations.ts'
import type { TrainingEvent } from './events.ts'
import { learnedBefore } from './learned-before.ts'
import { over, type Phases, phasesOf, registryOf } from './phases.ts'
import { type Plan, planRun } from './plan.ts'
import { type WarmStart, warmStartOf } from './warm-start.ts'

export interface TrainingFiles {
  /** JSON Lines. */
  training: string | Uint8Array
  validation?: string | Uint8Array
  /** Adapters the method needs, in the order of the specification's `required`. */
  required?: readonly LoadedAdapter[]
  /** Reference text for `locality` and `partners`, JSON Lines; the bundled corpora without it. */
  reference?: string | Uint8Array
  /** What other adapters may be asked (`Probe`), for `locality`; JSON Lines. */
  probes?: string | Uint8Array
}

/** Where a job runs and whom it tells. */
export interface TrainingHost {
  model: LoadedModel
  runtime: Runtime
  plugins: Iterable<Plugin>
  /** The model's frozen weights, when they are in memory already. */
  weights?: Weights
  device?: Device
  threads?: number
  /** Bytes of an earlier checkpoint of the same job. */
  checkpoint?: Uint8Array
  signal?: AbortSignal
  onEvent?: (event: TrainingEvent) => void
  /** Gets every checkpoint; the run continues when it is done. */
  onCheckpoint?: (bytes: Uint8Array<ArrayBuffer>, step: number) => void | Promise<void>
  session?: SessionOptions
  /** Whether a classifier's verdict compares with a logistic regression on the base's own features too; it does when absent. */
  probe?: boolean
  /** Other runs over the same weights, to step with. */
  together?: JointSteps
}

/** What is known of a run before any weight is read. */
export interface Prepared {
  /** Tokens of a row; what is longer is cut. */
  maxLength: number
  /** Positions before a row, where the context and no setting bounds it. */
  contextTaken?: number
  plugin: Plugin
  config: unknown
  program: TrainingProgram
  required: readonly LoadedAdapter[]
  labels: string[]
  training: Dataset
  validation: Dataset
  /** Held-out rows that what it starts from was trained on. */
  learnedBefore: number
  /** Whether rows of the training file were set aside, none of which may teach anything. */
  setAside: boolean
  plan: Plan
  phases: Phases
  warmStart: WarmStart
  /** What is said before it begins. */
  warnings: string[]
}

/** Everything that can be refused is refused here, before any weight is read. */
export const prepare = async (spec: TrainingSpec, files: TrainingFiles, { model, plugins, device, together }: TrainingHost): Promise<Prepared> => {
  const h = spec.hyperparameters
  const plugin = new PluginRegistry(plugins).get(spec.method)
  checkTrainable({ model, task: spec.task, numLabels: 0, headBias: true, pooling: spec.pooling })
  const config = tokenized(plugin, parseConfig(plugin, spec.config), model)
  checkTask(plugin, spec.task, config)
  const required = requiredAdapters(plugin, config, files, model)

  const { rows: given, summary } = await readTrainingRows(files.training)
  if (spec.pairs && summary.kind !== 'pair') throw pairsMissing()
  if (spec.document && summary.kind !== 'document') throw documentMissing()
  const validationFile = files.validation === undefined ? undefined : await readTrainingRows(files.validation, { file: 'validation' })
  const heldOut = validationFile === undefined ? splitHeldOut(given, spec.seed) : { training: given, validation: validationFile.rows }
  const labels = hasHead(spec.task) ? checkLabels(summary, spec.labels) : []
  if (validationFile && labels.length > 0) checkKnownLabels(validationFile.summary, labels)
  const labelTasks = labelTasksOf('training', hasHead(spec.task) ? given : [], labels)

  const program: TrainingProgram = {
    model,
    plugin,
    config,
    params: paramsOf(plugin, config, model.spec, required),
    task: spec.task,
    numLabels: labels.length,
    labelTasks,
    headBias: true,
    headDense: spec.task === 'SEQ_CLS' && model.spec.classifier.dense,
    pooling: spec.pooling,
    taskIds: hasRowTasks(plugin, config, heldOut),
  }
  checkParameters(plugin, program.params, model.spec)
  checkAsked(plugin, config, model.spec)
  encodedShapes(plugin, config, model.spec, required) // Refuses what could not be kept: an edge cannot tell of a method that needs other adapters.
  checkActs(plugin, config, model.spec, spec.task, required)
  if (!parameterSlots(program).some((slot) => slot.trainable)) throw nothingToTrain(plugin.id)
  const registry = registryOf(spec, required)
  const phases = await phasesOf(spec, {
    sites: [...plugin.sites, ...(hasHead(spec.task) ? ['head'] : [])],
    registry,
    model,
    file: files.reference,
    probes: files.probes,
  })
  const warmStart = warmStartOf(spec.from, registry, program, { required, labels })
  const taken = positionsTaken(program, phases)
  const room = model.spec.maxPositions - taken
  if (room < 1) throw contextTooShort(taken, model.spec.maxPositions)
  const maxLength = Math.min(room, h.maxLength ?? usualMaxLength)
  const bounded = maxLength === room ? { contextTaken: taken } : {}

  const tokenizer = rowTokenizer(model)
  const tokenize = (file: string, rows: typeof given, mayTeachNothing = false): Promise<Dataset> =>
    tokenizeRowsInSlices(rows, {
      file,
      mayTeachNothing,
      task: spec.task,
      tokenizer,
      maxLength,
      labels,
      model: model.name,
      predictsFirst: programPlacement(program, phases.beneath).rows > 0,
    })
  const training = await tokenize('training', heldOut.training)
  checkInvocations(program, training, model)
  const setAside = validationFile === undefined && heldOut.validation.length > 0
  // They are no file that somebody gave: where they teach nothing, nothing is measured.
  const validation = setAside || validationFile ? await tokenize(setAside ? 'training' : 'validation', heldOut.validation, setAside) : emptyDataset()
  // Passes of several adapters have a session for each set of their lengths, and contexts one for each length; on a card a session is dear beside a step.
  const few = together !== undefined || spec.partners !== undefined || (device ?? 'cpu') !== 'cpu'
  const plan = planRun({
    ...h,
    rows: training.rows,
    validation: validation.rows,
    maxLength,
    seed: spec.seed,
    stepsBefore: warmStart.steps,
    ...(few && { lengths: 4 }),
    // A card has memory of its own, and starts a pass dearly.
    ...((device ?? 'cpu') === 'cpu' && { rowsAtOnce: rowsAtOnce(model.spec, taken) }),
  })
  const evaluation = plan.evaluation.map(over(phases.beneath))
  const unread = namesUnread(given, tokenizer, model.name)
  const odd = [...(await oddCalls(given, 'training')), ...(await oddCalls(validationFile?.rows ?? [], 'validation'))]
  return {
    ...{ plugin, config, program, required, labels, training, validation, plan: { ...plan, evaluation }, maxLength, ...bounded, phases, warmStart },
    learnedBefore: learnedBefore(spec, {
      start: registry.get(spec.from ?? '')?.manifest,
      given,
      aside: setAside && validation.rows.length > 0 ? heldOut.validation : [],
    }),
    setAside,
    warnings: [phases.warning, unread, ...odd].filter((warning) => warning !== undefined),
  }
}

const tokenized = (plugin: Plugin, config: unknown, { tokenizer, name }: LoadedModel): unknown =>
  plugin.tokenized?.(config, (text) => {
    if (!tokenizer) throw noTokenizer(name)
    return tokenizer.encode(text, { addSpecialTokens: false })
  }) ?? config

const requiredAdapters = (plugin: Plugin, config: unknown, { required = [] }: TrainingFiles, model: LoadedModel): readonly LoadedAdapter[] => {
  const references = plugin.requires?.(config) ?? []
  for (const [i, reference] of references.entries()) if (!required[i]) throw missingRequired(reference)
  for (const [i, adapter] of required.entries()) {
    const reference = references[i] ?? adapter.digest
    if (!isOfBase(adapter.manifest, model)) throw requiredForOtherBase(reference, adapter.manifest.base.fingerprint, model.fingerprint)
    if (i < references.length) checkRequired(plugin, reference, adapter.manifest.sites)
  }
  return required
}

/** Positions before the text, in the fullest context that a batch may have. */
const positionsTaken = (program: TrainingProgram, { beneath, pool }: Phases): number =>
  Math.max(...[beneath, ...pool.flat().map((partner) => ({ ...beneath, after: [partner] }))].map((context) => positionsOf(programPlacement(program, context))))
