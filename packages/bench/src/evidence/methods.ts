import { type Plugin, parseConfig } from '@weft/methods'
import plugins from '@weft/plugins'

/** Every method that trains for the task by itself: none that stands on another's adapter, none that has nothing to train. */
export const methodsFor = (task: 'SEQ_CLS' | 'CAUSAL_LM'): string[] =>
  plugins.filter((plugin) => !plugin.constants && (plugin.tasks?.includes(task) ?? true) && standsAlone(plugin)).map(({ id }) => id)

const standsAlone = (plugin: Plugin): boolean => {
  try {
    return !plugin.requires?.(parseConfig(plugin, {})).length
  } catch {
    // Its config has no default: it names another adapter.
    return false
  }
}
