import { z } from 'zod'
import { type DecoderConfig, size } from './decoder-config.ts'

/** `sliding_window` where a switch and a first layer go with it (Qwen). */
export const windowSchema = {
  sliding_window: size.nullish(),
  use_sliding_window: z.boolean().default(false),
  max_window_layers: z.int().min(0).default(28),
  layer_types: z.array(z.string()).nullish(),
}

/** The window of the layers that have one, if any has. */
export function windowOf(c: {
  sliding_window?: number | null
  use_sliding_window: boolean
  max_window_layers: number
  num_hidden_layers: number
  layer_types?: string[] | null
}): number | null {
  const windowed = c.layer_types?.includes('sliding_attention') ?? c.max_window_layers < c.num_hidden_layers
  return c.use_sliding_window && windowed ? (c.sliding_window ?? null) : null
}

/**
 * A token sees the last W columns, itself included. In a context of at most W that is every column before it, so
 * attention over all of them is exact; a longer context would be another model, and the host refuses it
 * as it refuses any beyond `maxPositions`.
 */
export const withinWindow = (config: DecoderConfig, window: number | null): DecoderConfig =>
  window === null || window >= config.maxPositions ? config : { ...config, maxPositions: window }
