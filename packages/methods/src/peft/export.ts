import { type FloatTensor, type LoadedAdapter, type ModelSpec, writeSafetensors } from '@weft/adapters'
import { checkConfig } from '../checks/check-config.ts'
import { peftNotExportable } from '../errors.ts'
import { type Plugin, parseConfig } from '../plugin.ts'
import { restoreParams } from '../restore-params.ts'
import { basePrefix, withoutBasePrefix } from './bare-names.ts'
import { classifierOf, hasClassifier, headTo } from './head.ts'
import type { PeftConfig } from './mapping.ts'
import { storedPeftOnlyTensors } from './peft-only-tensors.ts'
import { renamedConfig } from './renamed-config.ts'

/** The PEFT release whose file format this is. */
const peftVersion = '0.21.0'

/**
 * An adapter as the two files PEFT loads with `PeftModel.from_pretrained`.
 * @param baseModel what to write as `base_model_name_or_path`
 * @throws 422 `peft_not_exportable`, `config_contradicted`
 */
export function exportPeft(
  adapter: LoadedAdapter,
  plugins: Iterable<Plugin>,
  model: ModelSpec,
  baseModel: string | null = null,
): { config: string; weights: Uint8Array<ArrayBuffer> } {
  const { manifest, state } = adapter
  const plugin = [...plugins].find(({ id }) => id === manifest.method)
  if (!plugin) throw peftNotExportable(manifest.method, 'no plugin of that name is installed')
  if (!plugin.peft) throw peftNotExportable(manifest.method, 'PEFT has no such method')
  checkConfig(plugin, adapter, model)
  // A file may leave out what is as usual.
  const settings = parseConfig<Record<string, unknown>>(plugin, manifest.config)
  const { task, virtualTokens, pooling = 'peft' } = manifest
  if (pooling !== 'peft') throw peftNotExportable(manifest.method, `it was trained with pooling "${pooling}", and PEFT's classifiers read elsewhere`)
  const common: PeftConfig = {
    auto_mapping: null,
    base_model_name_or_path: baseModel,
    inference_mode: true,
    // Not every method has the field, and PEFT warns of one that it does not know.
    ...(hasClassifier(task) && { modules_to_save: [classifierOf(model, task).module] }),
    peft_type: plugin.peft.peftType,
    peft_version: peftVersion,
    revision: null,
    task_type: task,
  }
  const ofPrompts: PeftConfig = {
    num_layers: model.numLayers,
    num_transformer_submodules: model.encoderDecoder ? 2 : 1,
    num_virtual_tokens: Math.max(virtualTokens.rows, virtualTokens.prefix),
  }
  // A method that takes positions is a prompt to PEFT, and its config knows such fields.
  const config: PeftConfig = { ...common, ...(virtualTokens.rows || virtualTokens.prefix ? ofPrompts : {}), ...plugin.peft.configTo(settings, model) }
  const own = { ...plugin.peft.stateTo(state, settings, model, trainedParams(plugin, adapter, settings, model)), ...storedPeftOnlyTensors(adapter.params) }
  const tensors = { ...own, ...(state.head ? headTo(state.head, model, task, manifest.method, plugin.peft.modulePrefix) : {}) }
  if (task === 'FEATURE_EXTRACTION') return written(...bare(config, tensors, model))
  return written(config, tensors)
}

const written = (config: PeftConfig, tensors: Record<string, FloatTensor>): { config: string; weights: Uint8Array<ArrayBuffer> } => ({
  config: `${JSON.stringify(Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`,
  weights: writeSafetensors(tensors, { format: 'pt' }),
})

/** Without a head around it, PEFT names the base's layers without their prefix. */
function bare(config: PeftConfig, tensors: Record<string, FloatTensor>, model: ModelSpec): [PeftConfig, Record<string, FloatTensor>] {
  const prefix = basePrefix(model)
  const short = (name: string): string => withoutBasePrefix(name, prefix)
  const layers = 'base_model.model.'
  return [
    renamedConfig(config, Object.keys(model.modules), short),
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name.startsWith(layers) ? `${layers}${short(name.slice(layers.length))}` : name, tensor]),
    ),
  ]
}

/** The trainable parameters, where the file has any: an adapter that was imported as state has none. */
function trainedParams(plugin: Plugin, adapter: LoadedAdapter, config: unknown, model: ModelSpec): Record<string, FloatTensor> {
  if (!plugin.peft!.paramsFrom) return {}
  return restoreParams(plugin, adapter, { config, model })
}
