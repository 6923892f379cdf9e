import { snakeCase, type TaskType, taskTypeSchema } from '@weft/adapters'
import { peftUnsupported } from '../errors.ts'
import { type Plugin, parseConfig } from '../plugin.ts'
import { configFromKnown } from './known-fields.ts'
import type { PeftConfig } from './mapping.ts'

/** A PEFT config as ours. */
interface PeftSettings {
  plugin: Plugin
  config: Record<string, unknown>
  task: TaskType
}

/** Names that Hugging Face's classifiers have; they are trained with every method. */
const classifiers = /^(score|classifier|pre_classifier|classification_head)$/

/** Whether these are PEFT's fields, snake_case as in `adapter_config.json` or camelCase, and not a method's own config. */
export const isPeftConfig = (config: Record<string, unknown>): boolean => Object.keys(config).some((key) => ['peft_type', 'task_type'].includes(snakeCase(key)))

/**
 * A method's config from PEFT's, accepted as it is: every field of `adapter_config.json` that is known here.
 * @param method the plugin's id, where the config has no `peft_type`
 * @throws 422 `peft_unsupported`; 400 `invalid_config`
 */
export function readPeftConfig(config: Record<string, unknown>, plugins: Iterable<Plugin>, method?: string): PeftSettings {
  const peft: PeftConfig = Object.fromEntries(Object.entries(config).map(([key, value]) => [snakeCase(key), value]))
  const candidates = [...plugins].filter((plugin) => plugin.peft && plugin.peft.imports !== false)
  const plugin = candidates.find(({ id, peft: mapping }) => (peft.peft_type === undefined ? id === method : mapping!.peftType === peft.peft_type))
  if (!plugin) {
    const named =
      peft.peft_type === undefined ? `it has no peft_type, and the method is ${method ?? 'not named'}` : `its peft_type is ${String(peft.peft_type)}`
    throw peftUnsupported(`${named}; these can be: ${candidates.map((candidate) => candidate.peft!.peftType).join(', ') || 'none'}`)
  }
  const task = taskTypeSchema.safeParse(peft.task_type ?? 'CAUSAL_LM')
  if (!task.success) throw peftUnsupported(`its task_type is ${String(peft.task_type)}`)
  const saved = [peft.modules_to_save ?? []].flat().filter((name) => !classifiers.test(String(name)))
  if (saved.length) throw peftUnsupported(`its modules_to_save names ${saved.join(', ')}; of whole modules, only the task's classifier is trained`)
  // PEFT fills this in when it meets the model.
  const submodules = peft.num_transformer_submodules ?? (task.data === 'SEQ_2_SEQ_LM' ? 2 : 1)
  const settings = configFromKnown(plugin, { ...peft, num_transformer_submodules: submodules })
  return { plugin, config: parseConfig(plugin, settings, 'adapter_config'), task: task.data }
}
