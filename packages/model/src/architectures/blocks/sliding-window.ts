import type { ModelSpec } from '@weft/adapters'
import { z } from 'zod'
import { invalidConfig, unsupportedConfig } from '../../errors.ts'
import { type DecoderConfig, size } from './decoder-config.ts'

/** `layer_types`: what each layer sees. */
export const layerTypes = z.array(z.string()).nullish()

/** `sliding_window` where a switch and a first layer go with it (Qwen). */
export const windowSchema = {
  sliding_window: size.nullable().default(4096),
  use_sliding_window: z.boolean().default(false),
  max_window_layers: z.int().min(0).default(28),
  layer_types: layerTypes,
}

/** Each layer's window where a switch and a first layer go with it: the layers named, or those from `max_window_layers` on. */
export function switchedWindows(c: z.infer<z.ZodObject<typeof windowSchema>> & { num_hidden_layers: number }, where: string): (number | null)[] {
  const window = c.use_sliding_window ? c.sliding_window : null
  return windowsOf(c.layer_types, c.num_hidden_layers, window, (layer) => layer >= c.max_window_layers, where)
}

/** Each layer's window by its type; by `slides` where config.json names no types. Throws `invalid_config`, `unsupported_config`. */
export function windowsOf(
  types: readonly string[] | null | undefined,
  layers: number,
  window: number | null,
  slides: (layer: number) => boolean,
  where: string,
): (number | null)[] {
  if (types && types.length !== layers) throw invalidConfig(where, `layer_types names ${types.length} layers; num_hidden_layers is ${layers}.`)
  return Array.from({ length: layers }, (_, layer) => {
    const type = types?.[layer]
    if (type !== undefined && type !== 'sliding_attention' && type !== 'full_attention')
      throw unsupportedConfig('layer_types', type, '"full_attention", "sliding_attention"')
    if (type === 'sliding_attention' && window === null) throw invalidConfig(where, `layer ${layer} is of sliding_attention, and there is no sliding_window.`)
    return (type === undefined ? slides(layer) : type === 'sliding_attention') ? window : null
  })
}

/** What a spec says of them: the narrowest. */
export function narrowestOf(windows: readonly (number | null)[] = []): Pick<ModelSpec, 'slidingWindow'> {
  const narrow = windows.filter((window) => window !== null)
  return narrow.length > 0 ? { slidingWindow: Math.min(...narrow) } : {}
}

/** The config with its layers' windows. One as wide as the context is none. */
export function withWindows(config: DecoderConfig, windows: readonly (number | null)[]): DecoderConfig {
  const layerWindows = windows.map((window) => (window !== null && window < config.maxPositions ? window : null))
  return layerWindows.every((window) => window === null) ? config : { ...config, layerWindows }
}
