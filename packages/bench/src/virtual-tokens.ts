import { type Plugin, PluginRegistry } from '@weft/methods'
import plugins from '@weft/plugins'

const settingsOf = ({ config }: Plugin): object => (config as unknown as { def: { shape?: object } }).def.shape ?? {}

/** Whether a method has a number of virtual tokens among its settings. */
export const hasVirtualTokens = (plugin: Plugin): boolean => 'numVirtualTokens' in settingsOf(plugin)

/** Whether a measurement of the method reads a number of them: its own, or that of the trunk that is made up for it. Error 404 for no method of that name. */
export function readsVirtualTokens(method: string): boolean {
  const plugin = new PluginRegistry(plugins).get(method)
  return hasVirtualTokens(plugin) || plugin.requires !== undefined
}
