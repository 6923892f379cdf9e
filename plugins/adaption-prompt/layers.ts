import type { ModelSpec } from '@weft/adapters'

/** A layer's projections, by module name. */
export interface KeyValueLayer {
  /** `model.layers.3.self_attn` */
  attention: string
  key: string
  value: string
}

/** Every layer with key and value projections of its own, from below. */
export function topLayers(model: ModelSpec): KeyValueLayer[] {
  return Object.keys(model.modules)
    .filter((module) => module.endsWith('.k_proj'))
    .map((key) => {
      const attention = key.slice(0, -'.k_proj'.length)
      return { attention, key, value: `${attention}.v_proj` }
    })
    .filter(({ value }) => model.modules[value])
}

/** PEFT's names without its `base_model.model.`. */
export const promptName = ({ attention }: KeyValueLayer): string => `${attention}.adaption_prompt`
export const gateName = ({ attention }: KeyValueLayer): string => `${attention}.adaption_gate`
