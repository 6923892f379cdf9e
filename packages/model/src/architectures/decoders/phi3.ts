import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { unsupportedConfig } from '../../errors.ts'
import { decoder } from '../blocks/decoder.ts'
import { decoderConfig, decoderSchema, size } from '../blocks/decoder-config.ts'
import { ropeSettings } from '../blocks/rope-settings.ts'
import { withWindows } from '../blocks/sliding-window.ts'

const schema = decoderSchema.extend({ rms_norm_eps: z.number().positive().default(1e-5), sliding_window: size.nullish() })

/**
 * Phi-3 and Phi-4 (Abdin et al. 2024): a llama without biases whose queries, keys and values are one layer, and whose gate and up are another; a
 * part of each head may be rotated, and layers may have a sliding window.
 */
export const phi3 = decoder({
  modelType: 'phi3',
  config: (json, where = 'config.json') => {
    const c = parseWith(schema, json, where)
    const rope = ropeSettings(c.rope_scaling, c.rope_parameters, where)
    const type = rope?.rope_type ?? rope?.type ?? 'default'
    // Transformers knows `longrope` besides, and takes `su` and `yarn` for it.
    if (type !== 'default') throw unsupportedConfig('rope_type', type, '"default"')
    const config = { ...decoderConfig(c, where, { rotatesPart: true }), attentionBias: false, mlpBias: false }
    return withWindows(config, Array<number | null>(config.numLayers).fill(c.sliding_window ?? null))
  },
  fused: true,
})
