import * as z from 'zod/mini'
import type { ManifestInput } from '../adapter/file.ts'
import { taskTypeSchema } from '../adapter/manifest.ts'
import { readSafetensors, toTensor } from '../adapter/safetensors.ts'
import { encodeState } from '../encode-state.ts'
import { missingTensor, peftUnsupported, tensorShape } from '../errors.ts'
import { initialize, type InitContext } from '../initializers.ts'
import type { ModelSpec } from '../model-spec.ts'
import { parseConfig, type Param, type Plugin } from '../plugin.ts'
import { Random } from '../random.ts'
import { paramsToKeep } from '../restore-params.ts'
import { validateState } from '../sites/validate.ts'
import { floatTensor, isFloat, sameShape, type AdapterState, type FloatTensor } from '../tensor.ts'
import { headFrom } from './head.ts'
import { peftParamName } from './params.ts'

/** PEFT's two files. */
export interface PeftFiles {
  /** `adapter_config.json` */
  config: Uint8Array | string
  /** `adapter_model.safetensors` */
  weights: Uint8Array
}

const commonSchema = z.looseObject({
  peft_type: z.string(),
  task_type: z.nullish(z.string()),
  num_transformer_submodules: z.nullish(z.int()),
})

export interface ImportOptions {
  model: ModelSpec
  base: { name: string; fingerprint: string }
  /** The head's classes, which PEFT keeps in the model's config; numbered when absent. */
  labels?: readonly string[]
  /** The base model's weights, for methods whose state is made of them. */
  baseWeight?: (name: string) => Float32Array
}

/**
 * A PEFT checkpoint as manifest, state and parameters, ready for `writeAdapter`.
 * @throws 422 `peft_unsupported`, `tensor_*`, `file_*`
 */
export async function importPeft(
  files: PeftFiles,
  plugins: Iterable<Plugin>,
  options: ImportOptions,
): Promise<{ plugin: Plugin; manifest: ManifestInput; state: AdapterState; params: Record<string, FloatTensor> }> {
  const { model, base } = options
  const peft = readConfig(files.config)
  const candidates = [...plugins].filter((plugin) => plugin.peft && plugin.peft.imports !== false)
  const plugin = candidates.find((candidate) => candidate.peft!.peftType === peft.peft_type)
  if (!plugin) {
    throw peftUnsupported(`its peft_type is ${peft.peft_type}; these can be: ${candidates.map((candidate) => candidate.peft!.peftType).join(', ') || 'none'}`)
  }
  if (peft.num_transformer_submodules === 2 && !model.encoderDecoder) throw peftUnsupported(`it is for an encoder-decoder model, and ${base.name} is none`)
  const task = taskTypeSchema.safeParse(peft.task_type ?? 'CAUSAL_LM')
  if (!task.success) throw peftUnsupported(`its task_type is ${peft.task_type}; supported are CAUSAL_LM and SEQ_CLS`)

  const tensors = floats(files.weights)
  const config = parseConfig<Record<string, unknown>>(plugin, plugin.peft!.configFrom(peft), 'adapter_config')
  const { state, params } = await brought(plugin, tensors, config, options)
  const head = task.data === 'SEQ_CLS' ? headFrom(tensors) : undefined
  if (task.data === 'SEQ_CLS' && !head) throw peftUnsupported('it is a classifier without a saved head')
  if (head) state.head = head
  for (const [site, tensorsOfSite] of Object.entries(state)) validateState(site, tensorsOfSite, model, 'PEFT checkpoint')

  const classes = head?.weight.shape[0] ?? 0
  const labels = options.labels ?? Array.from({ length: classes }, (_, i) => `LABEL_${i}`)
  if (head && labels.length !== classes) throw peftUnsupported(`its head has ${classes} classes, but ${labels.length} labels were named`)
  return {
    plugin,
    state,
    params,
    manifest: {
      method: plugin.id,
      config,
      base: { name: base.name, fingerprint: base.fingerprint, architecture: model.architecture },
      task: task.data,
      ...(head ? { labels: [...labels] } : {}),
      lineage: {},
    },
  }
}

/** State as the file holds it, or what its parameters encode to. Parameters are kept where the state would not give them back. */
async function brought(
  plugin: Plugin, tensors: Record<string, FloatTensor>, config: Record<string, unknown>, { model, baseWeight }: ImportOptions,
): Promise<{ state: AdapterState; params: Record<string, FloatTensor> }> {
  const { stateFrom, paramsFrom } = plugin.peft!
  if (!paramsFrom) return { state: stateFrom!(tensors, config, model), params: {} }
  const specs: Record<string, Param> = plugin.params(config, model, [])
  const trained = paramsFrom(tensors, config, model)
  const values: Record<string, FloatTensor> = {}
  for (const [name, { shape, init, trainable }] of Object.entries(specs)) {
    const given = trained[name]
    if (trainable && !given) throw missingTensor('PEFT checkpoint', peftParamName(plugin, name, model))
    if (given && !sameShape(given.shape, shape)) throw tensorShape(peftParamName(plugin, name, model), shape, given.shape)
    values[name] = given ?? floatTensor(shape, await initialize(init, frozenContext(model, baseWeight), shape, name))
  }
  const state = encodeState(plugin, values, config, model)
  return { state, params: paramsToKeep(plugin, values, state, { config, model }) }
}

/** What a frozen parameter of an imported checkpoint may be made of: the base model's own weights. */
const frozenContext = (model: ModelSpec, baseWeight: ImportOptions['baseWeight']): InitContext => {
  const missing = (what: string) => (): never => { throw peftUnsupported(`its method needs ${what} of the base model, which are not at hand here`) }
  return {
    random: new Random(0), labels: [], required: [], vocabSize: model.vocabSize,
    baseWeight: baseWeight ?? missing('weights'), tokenize: missing('the tokenizer'), embedding: missing('embeddings'), keyValue: missing('keys and values'),
  }
}

function readConfig(config: Uint8Array | string): z.infer<typeof commonSchema> {
  try {
    return commonSchema.parse(JSON.parse(typeof config === 'string' ? config : new TextDecoder().decode(config)))
  } catch {
    throw peftUnsupported('its adapter_config.json is not JSON with a peft_type')
  }
}

function floats(weights: Uint8Array): Record<string, FloatTensor> {
  const tensors: Record<string, FloatTensor> = {}
  for (const [name, stored] of Object.entries(readSafetensors(weights).tensors)) {
    const tensor = toTensor(stored, name)
    if (isFloat(tensor)) tensors[name] = tensor
  }
  return tensors
}
