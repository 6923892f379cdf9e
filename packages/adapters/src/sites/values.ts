import type { Value } from '@weft/graph'

/** Tensors of a graph, by site and name: `{ inputsEmbeds: { rows } }`. What a plugin's `encode` returns. */
export type SiteValues = Record<string, Record<string, Value>>
