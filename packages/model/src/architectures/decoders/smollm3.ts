import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { invalidConfig, unsupportedConfig } from '../../errors.ts'
import { decoder } from '../blocks/decoder.ts'
import { decoderConfig, decoderSchema, size } from '../blocks/decoder-config.ts'
import { layerTypes, windowsOf, withWindows } from '../blocks/sliding-window.ts'

/** What it leaves out is transformers' default. */
const schema = decoderSchema.extend({
  num_key_value_heads: size.nullable().default(4),
  tie_word_embeddings: z.boolean().default(true),
  rope_theta: z.number().positive().default(2_000_000),
  no_rope_layers: z.array(z.union([z.int(), z.boolean()])).nullish(), // 0: the layer does not rotate
  no_rope_layer_interval: size.default(4),
  use_sliding_window: z.boolean().default(false),
  sliding_window: size.nullish(),
  layer_types: layerTypes,
})

/** SmolLM3 (Hugging Face 2025): a llama in which some layers, every fourth as published, do not rotate queries and keys; those may have a sliding window. */
export const smollm3 = decoder({
  modelType: 'smollm3',
  config: (json, where = 'config.json') => {
    const c = parseWith(schema, json, where)
    const config = decoderConfig(c, where)
    const rotates = rotatingLayers(c, where)
    const window = c.use_sliding_window ? (c.sliding_window ?? null) : null
    return withWindows(
      { ...config, ...(rotates.includes(false) && { rotatingLayers: rotates }) },
      windowsOf(c.layer_types, config.numLayers, window, (layer) => !rotates[layer], where),
    )
  },
})

/** By the list, which may name more layers than there are, or by the interval. */
function rotatingLayers(
  { no_rope_layers: named, no_rope_layer_interval: interval, num_hidden_layers: layers }: z.infer<typeof schema>,
  where: string,
): boolean[] {
  if (named && named.length < layers) throw invalidConfig(where, `no_rope_layers names ${named.length} layers; num_hidden_layers is ${layers}.`)
  const rotates = Array.from({ length: layers }, (_, layer) => (named ? Boolean(named[layer]) : (layer + 1) % interval !== 0))
  if (rotates.includes(true)) return rotates
  throw named
    ? unsupportedConfig('no_rope_layers', named, 'a 1 among them, a layer that rotates')
    : unsupportedConfig('no_rope_layer_interval', interval, '2 or more')
}
