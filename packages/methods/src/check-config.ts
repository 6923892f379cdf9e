import type { LoadedAdapter, ModelSpec, SiteValues } from '@weft/adapters'
import { GraphBuilder, type Value } from '@weft/graph'
import { configContradicted } from './errors.ts'
import { type Param, type Plugin, parseConfig } from './plugin.ts'

/**
 * Checks that an adapter's tensors have the shapes that its method gives for its config, by running `encode` for shapes alone. Methods that
 * need other adapters are not checked. Error 422 `config_contradicted`, naming site and tensor.
 */
export function checkConfig(plugin: Plugin, { manifest: { config: given }, state }: Pick<LoadedAdapter, 'manifest' | 'state'>, model: ModelSpec): void {
  const config = parseConfig(plugin, given)
  if (plugin.requires?.(config).length) return
  const g = new GraphBuilder(plugin.id)
  const inputs: Record<string, Value> = {}
  const params: Record<string, Param> = plugin.params(config, model, [])
  for (const [name, { shape }] of Object.entries(params)) inputs[name] = g.input(name, 'float32', shape)
  const made: SiteValues = plugin.encode(g, inputs, config, model)
  for (const [site, tensors] of Object.entries(made)) {
    for (const [name, { shape }] of Object.entries(tensors)) {
      const held = state[site]?.[name]?.shape
      if (String(held) !== String(shape)) throw configContradicted(plugin.id, `${site}.${name}`, shape, held)
    }
  }
}
