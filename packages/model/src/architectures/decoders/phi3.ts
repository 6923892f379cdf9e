import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { unsupportedConfig } from '../../errors.ts'
import { decoder } from '../blocks/decoder.ts'
import { decoderConfig, decoderSchema, size } from '../blocks/decoder-config.ts'
import { ropeSettings } from '../blocks/rope-settings.ts'
import { withWindows } from '../blocks/sliding-window.ts'

const schema = decoderSchema.extend({
  rms_norm_eps: z.number().positive().default(1e-5),
  original_max_position_embeddings: size.default(4096), // what stands in the scaling does not count
  sliding_window: size.nullish(),
})

/** What transformers takes for longrope: `su` is its older name, and there never was a Phi-3 with yarn's own. */
const LONGROPE = ['longrope', 'su', 'yarn']

/**
 * Phi-3 and Phi-4 (Abdin et al. 2024): a llama without biases whose queries, keys and values are one layer, and whose gate and up are another; a
 * part of each head may be rotated, layers may have a sliding window, and frequencies may be scaled by longrope.
 */
export const phi3 = decoder({
  modelType: 'phi3',
  config: (json, where = 'config.json') => {
    const c = parseWith(schema, json, where)
    const rope = ropeSettings(c.rope_scaling, c.rope_parameters, where)
    const type = rope?.rope_type ?? rope?.type ?? 'default'
    const isLong = LONGROPE.includes(type)
    if (!isLong && type !== 'default') throw unsupportedConfig('rope_type', type, ['default', ...LONGROPE].map((known) => `"${known}"`).join(', '))
    const settings = { ...c, rope_scaling: null, rope_parameters: rope && { ...rope, rope_type: isLong ? 'longrope' : type } }
    const config = { ...decoderConfig(settings, where, { rotatesPart: true }), attentionBias: false, mlpBias: false }
    return withWindows(config, Array<number | null>(config.numLayers).fill(c.sliding_window ?? null))
  },
  fused: true,
})
