import type { TaskType } from '@weft/adapters'
import {
  defaultHyperparameters,
  type HyperparametersInput,
  isPeftConfig,
  type Plugin,
  type PluginRegistry,
  parseConfig,
  readPeftConfig,
  usualHyperparameters,
} from '@weft/methods'
import type { LoadedModel } from '@weft/model'
import { type TrainingSpec, taskOn } from '@weft/protocol'

/** What to train, and from what. */
export interface Recipe extends Partial<Omit<TrainingSpec, 'config' | 'hyperparameters' | 'jobId' | 'method' | 'model' | 'name' | 'required' | 'task'>> {
  /** The plugin's id; not needed where `config` has a `peft_type`. */
  method?: string
  /** The method's config, or PEFT's `adapter_config.json` as it is, in either spelling. */
  config?: Record<string, unknown>
  /** Unless `config` says otherwise, language modelling as the base does it. */
  task?: TaskType
  hyperparameters?: HyperparametersInput
  /** `{ text }`, `{ prompt, completion }`, `{ messages }` or `{ text, label }`. */
  rows: readonly object[]
  /** Rows to judge by, never learned; a tenth of `rows` when absent. */
  heldOut?: readonly object[]
}

export const specOf = (name: string, recipe: Recipe, plugins: PluginRegistry, model: LoadedModel): TrainingSpec => {
  const { method, config = {}, task, hyperparameters, rows: _, heldOut: __, ...given } = recipe
  const settings = isPeftConfig(config) ? readPeftConfig(config, plugins, method) : ownSettings(config, plugins, method)
  return {
    jobId: name,
    name,
    seed: 0,
    required: [],
    ...given,
    model: { name: model.name, fingerprint: model.fingerprint },
    method: settings.plugin.id,
    config: settings.config,
    task: task ?? taskOn(settings.task, model.spec),
    hyperparameters: defaultHyperparameters({ ...usualHyperparameters(settings.plugin, model.spec), ...hyperparameters }),
  }
}

const ownSettings = (
  config: Record<string, unknown>,
  plugins: PluginRegistry,
  method = '',
): { plugin: Plugin; config: Record<string, unknown>; task: TaskType } => {
  const plugin = plugins.get(method)
  return { plugin, config: parseConfig(plugin, config), task: plugin.tasks?.length === 1 ? plugin.tasks[0] : 'CAUSAL_LM' }
}
