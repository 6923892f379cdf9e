import { identical, type LoadedAdapter, type ModelSpec, type SiteState } from '@weft/adapters'
import { encodedShapes } from '../encoded-shapes.ts'
import { configContradicted, constantContradicted } from '../errors.ts'
import { type Plugin, parseConfig } from '../plugin.ts'

/**
 * Checks that an adapter's tensors have the shapes that its method gives for its config, by running `encode` for shapes alone, and what the config alone
 * decides. Methods that need other adapters are not checked. Error 422 `config_contradicted`, naming site and tensor.
 */
export function checkConfig(plugin: Plugin, { manifest: { config: given }, state }: Pick<LoadedAdapter, 'manifest' | 'state'>, model: ModelSpec): void {
  const config = parseConfig(plugin, given)
  if (plugin.requires?.(config).length) return
  for (const [site, tensors] of Object.entries(encodedShapes(plugin, config, model))) {
    for (const [name, { shape }] of Object.entries(tensors)) {
      const held = state[site]?.[name]?.shape
      if (String(held) !== String(shape)) throw configContradicted(plugin.id, `${site}.${name}`, shape, held)
    }
  }
  for (const [site, tensors] of Object.entries<SiteState>(plugin.constants?.(config) ?? {})) {
    for (const [name, known] of Object.entries(tensors)) {
      const held = state[site]?.[name]
      if (!held || !identical(held, known)) throw constantContradicted(plugin.id, `${site}.${name}`)
    }
  }
}
