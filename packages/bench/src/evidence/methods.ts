import { PluginRegistry } from '@weft/methods'
import plugins from '@weft/plugins'

/** Methods that train by themselves, in the page's order: none that stands on another's adapter, or is computed from a document. A list, so that a new method changes no page before it is measured. */
const compared = [
  'prompt-tuning',
  'p-tuning',
  'p-tuning-v2',
  'multitask-prompt-tuning',
  'prefix-tuning',
  'parallel-prefix',
  'lora',
  'ia3',
  'adaption-prompt',
  'steering',
  'linear-probe',
  'full',
]

/** Those that can be trained for the task. */
export const methodsFor = (task: 'SEQ_CLS' | 'CAUSAL_LM'): string[] => {
  const registry = new PluginRegistry(plugins)
  return compared.filter((id) => registry.get(id).tasks?.includes(task) ?? true)
}
