import type { SiteValues } from '@weft/adapters'
import { type AdapterHooks, adapterHooks, parameters } from '@weft/adapters/hooks'
import type { Dim, GraphBuilder } from '@weft/graph'

/** The hooks of a batch whose rows all have the same adapters. */
export const hooksOf = (g: GraphBuilder, adapters: readonly SiteValues[], rows: Dim = 1): AdapterHooks =>
  adapterHooks(g, [{ rows, adapters: adapters.map((values) => parameters(g, values)) }])
