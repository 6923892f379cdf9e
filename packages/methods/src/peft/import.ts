import {
  type AdapterState,
  type FloatTensor,
  floatTensor,
  type ManifestInput,
  type ModelSpec,
  Random,
  sameShape,
  type TaskType,
  taskTypeSchema,
  validateState,
  virtualTokensOf,
} from '@weft/adapters'
import { quoted } from '@weft/adapters/error-text'
import { missingTensor } from '@weft/adapters/errors'
import * as z from 'zod/mini'
import { encodeState } from '../encode-state.ts'
import { peftContradiction, peftOtherBase, peftTensorShape, peftUnexpected, peftUnsaved, peftUnsupported } from '../errors.ts'
import { type InitContext, initialize } from '../initializers.ts'
import { type Param, type Plugin, parseConfig } from '../plugin.ts'
import { checkTask } from '../registry.ts'
import { paramsToKeep } from '../restore-params.ts'
import { basePrefix, withoutBasePrefix } from './bare-names.ts'
import { readCheckpoint } from './checkpoint.ts'
import { classifierOf, hasClassifier, headFrom } from './head.ts'
import { configFromKnown } from './known-fields.ts'
import type { PeftConfig } from './mapping.ts'
import { checkLayers, checkWidth } from './other-base.ts'
import { peftParamName } from './params.ts'
import { peftOnlyTensors } from './peft-only-tensors.ts'
import { renamedConfig, withoutPooler } from './renamed-config.ts'

/** PEFT's two files. */
interface PeftFiles {
  /** `adapter_config.json` */
  config: Uint8Array | string
  /** `adapter_model.safetensors` */
  weights: Uint8Array
}

interface ImportOptions {
  model: ModelSpec
  base: { name: string; fingerprint: string }
  /** The head's classes, which PEFT keeps in the model's config; numbered when absent. */
  labels?: readonly string[]
  /** Settings of the method that PEFT's config does not have: which of several tasks acts. */
  settings?: Readonly<Record<string, unknown>>
  /** The base model's weights, for methods whose state is made of them. */
  baseWeight?: (name: string) => Float32Array
}

/** A checkpoint as what `writeAdapter` takes. */
export interface ImportedPeft {
  plugin: Plugin
  manifest: ManifestInput
  state: AdapterState
  params: Record<string, FloatTensor>
}

/**
 * A PEFT checkpoint as manifest, state and parameters, ready for `writeAdapter`. What the state would not give back bit for bit is
 * stored beside it, so that exporting gives the same tensors again.
 * @throws 409 `wrong_base_model`; 422 `peft_*`, `tensor_*`, `file_*`, `target_modules_missing`; 400 `invalid_config`, `task_not_supported`
 */
export async function importPeft(files: PeftFiles, plugins: Iterable<Plugin>, options: ImportOptions): Promise<ImportedPeft> {
  const { model, base } = options
  const peft = readConfig(files.config)
  const candidates = [...plugins].filter((plugin) => plugin.peft && plugin.peft.imports !== false)
  const plugin = candidates.find((candidate) => candidate.peft!.peftType === peft.peft_type)
  if (!plugin) {
    throw peftUnsupported(`its peft_type is ${peft.peft_type}; these can be: ${candidates.map((candidate) => candidate.peft!.peftType).join(', ') || 'none'}`)
  }
  if (peft.num_transformer_submodules === 2 && !model.encoderDecoder) throw peftUnsupported(`it is for an encoder-decoder model, and ${base.name} is none`)
  const task = taskOf(peft, model)
  const trained = plugin.peft!.trainingOnly ?? []
  const finished = Object.fromEntries(Object.entries(peft).filter(([field]) => !trained.includes(field)))
  const settings = (of: PeftConfig) => parseConfig<Record<string, unknown>>(plugin, { ...configFromKnown(plugin, of), ...options.settings }, 'adapter_config')
  const written = settings(finished)
  checkTask(plugin, task, written)
  checkSizes(peft, plugin, written, model)

  const { tensors, bare, read, unread } = readCheckpoint(files.weights, model)
  const ofBase = withoutPooler(bare ? namedInFull(finished, model) : finished, Object.keys(tensors), task, model)
  const config = ofBase === finished ? written : settings(ofBase)
  checkTaskOfHead(peft, tensors, task, model)
  checkSavedModules(peft, tensors, task)
  const { state, params } = await stateAndParams(plugin, tensors, config, options)
  const peftOnly = peftOnlyTensors(plugin, { tensors: Object.fromEntries(read().map((name) => [name, tensors[name]])), state, config, model, params })
  if (hasClassifier(task)) {
    const head = headFrom(tensors, model, task)
    if (!head) throw peftUnsupported('it is a classifier without a saved head')
    const { denseModule } = classifierOf(model, task)
    if (denseModule && !head['dense.weight']) throw missingTensor('PEFT checkpoint', `${denseModule}.weight`)
    // Hugging Face reads its one number as it is: as a probability among one class it would be 1, whatever the text.
    if (head.weight.shape[0] === 1)
      throw peftUnsupported('its head gives one number, as a regression or a reward model has it, and a classifier here needs at least two classes')
    state.head = head
  }
  if (unread().length) throw peftUnexpected(plugin.id, unread())
  for (const [site, tensorsOfSite] of Object.entries(state)) validateState(site, tensorsOfSite, model, 'PEFT checkpoint')
  checkLength(peft, state)

  const labels = labelsOf(state.head?.weight.shape[0], options.labels, task)
  return {
    plugin,
    state,
    params: { ...params, ...peftOnly },
    manifest: {
      method: plugin.id,
      config,
      base: { name: base.name, fingerprint: base.fingerprint, architecture: model.architecture },
      task,
      ...(labels && { labels }),
      lineage: {},
    },
  }
}

/** A config that speaks of a base without a head, in the names that its layers have here. */
function namedInFull(peft: PeftConfig, model: ModelSpec): PeftConfig {
  const prefix = basePrefix(model)
  const names = Object.keys(model.modules).map((name) => withoutBasePrefix(name, prefix))
  return renamedConfig(peft, names, (name) => `${prefix}${name}`)
}

/** State as the file holds it, or what its parameters encode to. Parameters are stored where the state would not give them back. */
async function stateAndParams(
  plugin: Plugin,
  tensors: Readonly<Record<string, FloatTensor>>,
  config: Record<string, unknown>,
  { model, baseWeight }: ImportOptions,
): Promise<{ state: AdapterState; params: Record<string, FloatTensor> }> {
  const { stateFrom, paramsFrom } = plugin.peft!
  if (!paramsFrom) return { state: stateFrom!(tensors, config, model), params: {} }
  const specs: Record<string, Param> = plugin.params(config, model, [])
  checkLayers(Object.keys(tensors), Object.keys(specs), model)
  const trained = paramsFrom(tensors, config, model)
  const values: Record<string, FloatTensor> = {}
  for (const [name, { shape, init, trainable }] of Object.entries(specs)) {
    const given = trained[name]
    if (trainable && !given) throw missingTensor('PEFT checkpoint', peftParamName(plugin, name, model))
    if (given && !sameShape(given.shape, shape)) {
      const theirs = peftParamName(plugin, name, model)
      checkWidth({ plugin, config, model }, { param: name, name: theirs, shape: given.shape })
      throw peftTensorShape(theirs, shape, given.shape)
    }
    values[name] = given ?? floatTensor(shape, await initialize(init, frozenContext(model, baseWeight), shape, name))
  }
  const state = encodeState(plugin, values, config, model)
  return { state, params: paramsToKeep(plugin, values, state, { config, model }) }
}

/** What a frozen parameter of an imported checkpoint may be made of: the base model's own weights. */
const frozenContext = (model: ModelSpec, baseWeight: ImportOptions['baseWeight']): InitContext => {
  const missing = (what: string) => (): never => {
    throw peftUnsupported(`its method needs ${what} of the base model, which are not at hand here`)
  }
  return {
    random: new Random(0),
    labels: [],
    required: [],
    vocabSize: model.vocabSize,
    baseWeight: baseWeight ?? missing('weights'),
    tokenize: missing('the tokenizer'),
    embedding: missing('embeddings'),
    keyValue: missing('keys and values'),
    trainingTokens: () => {
      throw peftUnsupported('its method starts from training rows, which are not at hand here')
    },
  }
}

const commonSchema = z.looseObject({ peft_type: z.string(), task_type: z.nullish(z.string()), num_transformer_submodules: z.nullish(z.int()) })

function readConfig(config: Uint8Array | string): z.infer<typeof commonSchema> {
  try {
    return commonSchema.parse(JSON.parse(typeof config === 'string' ? config : new TextDecoder().decode(config)))
  } catch {
    throw peftUnsupported('its adapter_config.json is not JSON with a peft_type')
  }
}

/** PEFT's task; without one, what the model is for. */
function taskOf({ task_type: given }: PeftConfig, model: ModelSpec): TaskType {
  const task = taskTypeSchema.safeParse(given ?? model.tasks.find((name) => !hasClassifier(name)))
  if (!task.success || !model.tasks.includes(task.data))
    throw peftUnsupported(`its task_type is ${String(given)}; a ${model.architecture} model can do ${model.tasks.join(', ')}`)
  return task.data
}

/** A file with a classifier must say what is classified: what PEFT writes without a task is told by nothing else. */
function checkTaskOfHead({ task_type: given }: PeftConfig, tensors: Readonly<Record<string, FloatTensor>>, task: TaskType, model: ModelSpec): void {
  const tasks = model.tasks.filter(hasClassifier)
  if (hasClassifier(task) || !tasks.some((each) => headFrom(tensors, model, each))) return
  const said = given === undefined || given === null ? 'its adapter_config.json has no task_type' : `its task_type is ${String(given)}`
  const which = tasks.map((each) => `"${each}" where it labels ${each === 'SEQ_CLS' ? 'texts' : 'words'}`).join(', ')
  throw peftUnsupported(`${said}, and its file holds a trained classifier: write "task_type" into adapter_config.json, ${which}`)
}

/** Sizes of the base model that a config repeats. An encoder-decoder has two numbers of layers; heads matter to keys and values alone. */
function checkSizes(peft: PeftConfig, { sites, peft: mapping }: Plugin, config: unknown, model: ModelSpec): void {
  const { token_dim: width, num_attention_heads: heads } = mapping!.configTo(config, model)
  const sizes: PeftConfig = {
    token_dim: width,
    ...(width !== undefined && !model.encoderDecoder && { num_layers: model.numLayers }),
    ...(sites.includes('keyValue') && { num_attention_heads: heads }),
  }
  for (const [field, size] of Object.entries(sizes)) {
    if (typeof peft[field] === 'number' && typeof size === 'number' && peft[field] !== size) throw peftOtherBase(field, peft[field], size)
  }
}

/**
 * A module that was trained beside the method must be in the file. For classifiers PEFT writes two names, of which a model has one: `headFrom`
 * asks for that.
 */
function checkSavedModules({ modules_to_save: saved }: PeftConfig, tensors: Readonly<Record<string, FloatTensor>>, task: TaskType): void {
  if (!Array.isArray(saved)) return
  const names = Object.keys(tensors)
  const absent = saved.filter((module) => !names.some((name) => name.includes(`.${module}.`)) && !(hasClassifier(task) && classifierNames.includes(module)))
  if (absent.length) throw peftUnsaved(absent.map(String))
}
const classifierNames: unknown[] = ['classifier', 'score']

/** A config must say of the virtual tokens what the tensors do. */
function checkLength({ num_virtual_tokens: said }: PeftConfig, state: AdapterState): void {
  const taken = Object.entries(state)
    .map(([site, tensors]) => virtualTokensOf(site, tensors))
    .map(({ rows, prefix }) => Math.max(rows, prefix))
  const length = Math.max(0, ...taken)
  if (typeof said === 'number' && length > 0 && said !== length) throw peftContradiction('num_virtual_tokens', said, length)
}

function labelsOf(classes: number | undefined, named: readonly string[] | undefined, task: TaskType): string[] | undefined {
  if (classes === undefined) {
    if (named) throw peftUnsupported(`labels were named (${named.join(', ')}), but it is for ${task} and has no head for them`)
    return undefined
  }
  if (!named) return Array.from({ length: classes }, (_, i) => `LABEL_${i}`)
  // As of a training row's.
  if (named.some((label) => !label.trim())) throw peftUnsupported('a label that was named is empty')
  const twice = named.find((label, at) => named.indexOf(label) !== at)
  if (twice !== undefined) throw peftUnsupported(`the label "${twice}" was named twice`)
  if (named.length !== classes)
    throw peftUnsupported(`its head has ${classes} classes, but ${named.length} labels were named, ${quoted(named)}. Name each by itself: --labels a b c`)
  return [...named]
}
