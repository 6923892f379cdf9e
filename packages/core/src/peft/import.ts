import * as z from 'zod/mini'
import type { ManifestInput } from '../adapter/file.ts'
import { taskTypeSchema } from '../adapter/manifest.ts'
import { readSafetensors, toTensor } from '../adapter/safetensors.ts'
import { peftUnsupported } from '../errors.ts'
import type { ModelSpec } from '../model-spec.ts'
import { parseConfig, type Plugin } from '../plugin.ts'
import { validateState } from '../sites/validate.ts'
import { isFloat, type AdapterState, type FloatTensor } from '../tensor.ts'
import { headFrom } from './head.ts'

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

/**
 * A PEFT checkpoint as manifest and state, ready for `writeAdapter`.
 * @param options.labels the head's classes, which PEFT keeps in the model's config; numbered when absent
 * @throws 422 `peft_unsupported`, `tensor_*`, `file_*`
 */
export function importPeft(
  files: PeftFiles,
  plugins: Iterable<Plugin>,
  options: { model: ModelSpec; base: { name: string; fingerprint: string }; labels?: readonly string[] },
): { plugin: Plugin; manifest: ManifestInput; state: AdapterState } {
  const { model, base } = options
  const peft = readConfig(files.config)
  const candidates = [...plugins].filter((plugin) => plugin.peft && plugin.peft.imports !== false)
  const plugin = candidates.find((candidate) => candidate.peft!.peftType === peft.peft_type)
  if (!plugin) {
    throw peftUnsupported(`its peft_type is ${peft.peft_type}; these can be: ${candidates.map((candidate) => candidate.peft!.peftType).join(', ') || 'none'}`)
  }
  if ((peft.num_transformer_submodules ?? 1) !== 1) throw peftUnsupported('it is for an encoder-decoder model')
  const task = taskTypeSchema.safeParse(peft.task_type ?? 'CAUSAL_LM')
  if (!task.success) throw peftUnsupported(`its task_type is ${peft.task_type}; supported are CAUSAL_LM and SEQ_CLS`)

  const tensors = floats(files.weights)
  const config = parseConfig<Record<string, unknown>>(plugin, plugin.peft!.configFrom(peft), 'adapter_config')
  const state = plugin.peft!.stateFrom(tensors, config, model)
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
