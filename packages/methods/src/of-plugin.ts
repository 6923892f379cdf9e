import type { LoadedAdapter, ModelSpec } from '@weft/adapters'
import { isWeftError } from '@weft/adapters/error'
import { pluginFailed } from './errors.ts'
import { kindOf } from './kind-of.ts'
import type { Param, Plugin } from './plugin.ts'

/**
 * Runs a part of a method's plugin, which is somebody's own code. What it refuses with a code stands as it is; anything else that it throws is its fault,
 * and is told as such. Error 422 `plugin_failed`.
 */
export function ofPlugin<T>({ id }: Pick<Plugin, 'id'>, part: keyof Plugin, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (isWeftError(error)) throw error
    throw pluginFailed(id, `its "${part}" threw ${error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error)}`, error)
  }
}

/** The parameters of a config. Error 422 `plugin_failed` where they are no parameters. */
export function paramsOf<C>(
  plugin: Pick<Plugin, 'id' | 'params'>,
  config: C,
  model: ModelSpec,
  required: readonly LoadedAdapter[] = [],
): Record<string, Param> {
  const params: unknown = ofPlugin(plugin, 'params', () => plugin.params(config, model, required))
  if (params === null || typeof params !== 'object' || Array.isArray(params) || 'then' in params)
    throw pluginFailed(plugin.id, `its "params" gave ${kindOf(params)}; expected an object of param(shape, init)`)
  for (const [name, given] of Object.entries<Partial<Param> | null | undefined>(params as Record<string, Partial<Param>>)) {
    if (typeof given?.init !== 'function' || !Array.isArray(given.shape))
      throw pluginFailed(plugin.id, `its parameter "${name}" is ${kindOf(given)}; expected what param(shape, init) gives`)
    if (!given.shape.every((size) => Number.isInteger(size) && size > 0))
      throw pluginFailed(plugin.id, `its parameter "${name}" has the shape [${given.shape.map(String).join(', ')}]; expected whole numbers of at least 1`)
    if (given.lrScale !== undefined && !(Number.isFinite(given.lrScale) && given.lrScale > 0))
      throw pluginFailed(plugin.id, `its parameter "${name}" has the lrScale ${String(given.lrScale)}; expected a finite number above 0, or leave it out for 1`)
  }
  return params as Record<string, Param>
}
