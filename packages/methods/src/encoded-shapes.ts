import type { ModelSpec, SiteValues } from '@weft/adapters'
import { GraphBuilder, type Value } from '@weft/graph'
import type { Param, Plugin } from './plugin.ts'

/** What `encode` makes of a config, for its shapes alone: no parameter has a value. Of methods that need no other adapters. */
export function encodedShapes<C>(plugin: Pick<Plugin, 'id' | 'params' | 'encode'>, config: C, model: ModelSpec): SiteValues {
  const g = new GraphBuilder(plugin.id)
  const inputs: Record<string, Value> = {}
  const params: Record<string, Param> = plugin.params(config, model, [])
  for (const [name, { shape }] of Object.entries(params)) inputs[name] = g.input(name, 'float32', shape)
  return plugin.encode(g, inputs, config, model)
}
