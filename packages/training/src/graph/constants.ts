import { type AdapterState, isFloat, type SiteValues } from '@weft/adapters'
import type { GraphBuilder } from '@weft/graph'
import type { Plugin } from '@weft/methods'

/**
 * What a method encodes, with what it knows without training: served, both act, so both act wherever a loss comes from. What waits for tokens is no number,
 * and opens its site by `withGates`.
 */
export const withConstants = (g: GraphBuilder, { plugin, config }: { plugin: Pick<Plugin, 'constants'>; config: unknown }, sites: SiteValues): SiteValues => {
  const known: AdapterState = plugin.constants?.(config) ?? {}
  const all: SiteValues = { ...sites }
  for (const [site, tensors] of Object.entries(known))
    for (const [name, tensor] of Object.entries(tensors)) if (isFloat(tensor)) all[site] = { [name]: g.constant(tensor.data, tensor.shape), ...all[site] }
  return all
}
