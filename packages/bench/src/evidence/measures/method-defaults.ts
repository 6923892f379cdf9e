import { PluginRegistry } from '@weft/methods'
import plugins from '@weft/plugins'
import * as z from 'zod/mini'
import type { Cell, Json } from '../row.ts'

const registry = new PluginRegistry(plugins)

/**
 * A cell's settings as they are kept: beside what it says, `defaults`, the config that its method has where nothing is said. A default that is another
 * one day makes another cell, so that no figure stands for what was not run.
 */
export const withMethodDefaults = (settings: Cell['settings']): Cell['settings'] => {
  const way = settings.way as { method?: Json } | undefined
  const plugin = registry.find(String(settings.method ?? way?.method))
  // A method that is nothing without a config of the cell's own has no defaults.
  const parsed = plugin && z.safeParse(plugin.config as z.ZodMiniType, {})
  // Through JSON, as it is read again: what is left out is no field.
  return parsed?.success ? { ...settings, defaults: JSON.parse(JSON.stringify(parsed.data)) } : settings
}
