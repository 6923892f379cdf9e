import type { LoadedAdapter } from '../adapter/loaded.ts'
import { writeSafetensors } from '../adapter/safetensors.ts'
import { peftNotExportable } from '../errors.ts'
import type { ModelSpec } from '../model-spec.ts'
import type { Plugin } from '../plugin.ts'
import { restoreParams } from '../restore-params.ts'
import type { FloatTensor } from '../tensor.ts'
import type { PeftConfig } from './mapping.ts'
import { headTo } from './head.ts'

/** The PEFT release whose file format this is. */
const peftVersion = '0.21.0'

/**
 * An adapter as the two files PEFT loads with `PeftModel.from_pretrained`.
 * @param baseModel what to write as `base_model_name_or_path`
 * @throws 422 `peft_not_exportable`
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
  const classifier = manifest.task === 'SEQ_CLS'
  const config: PeftConfig = {
    auto_mapping: null,
    base_model_name_or_path: baseModel,
    inference_mode: true,
    modules_to_save: classifier ? ['score'] : null,
    num_layers: model.numLayers,
    num_transformer_submodules: model.encoderDecoder ? 2 : 1,
    num_virtual_tokens: Math.max(manifest.virtualTokens.rows, manifest.virtualTokens.prefix),
    peft_type: plugin.peft.peftType,
    peft_version: peftVersion,
    revision: null,
    task_type: manifest.task,
    ...plugin.peft.configTo(manifest.config, model),
  }
  const tensors = {
    ...plugin.peft.stateTo(state, manifest.config, model, trainedParams(plugin, adapter, model)),
    ...(state.head ? headTo(state.head, manifest.method) : {}),
  }
  return {
    config: `${JSON.stringify(Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`,
    weights: writeSafetensors(tensors, { format: 'pt' }),
  }
}

/** The trainable parameters, where there are any to be had: an adapter brought in baked has none. */
function trainedParams(plugin: Plugin, adapter: LoadedAdapter, model: ModelSpec): Record<string, FloatTensor> {
  if (!plugin.peft!.paramsFrom) return {}
  return restoreParams(plugin, adapter, { config: adapter.manifest.config, model })
}
