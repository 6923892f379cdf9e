import type { ModelSpec } from '@weft/adapters'
import { ofPlugin } from '../of-plugin.ts'
import type { Plugin } from '../plugin.ts'

/** That a training may be asked for with this config: the method's own refusals, and 422 `plugin_failed`. Stored configs are read without it. */
export const checkAsked = (plugin: Plugin, config: unknown, model: ModelSpec): void => ofPlugin(plugin, 'asked', () => plugin.asked?.(config, model))
