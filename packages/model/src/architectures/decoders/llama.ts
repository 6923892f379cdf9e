import { parseWith } from '../../config.ts'
import { decoder } from '../blocks/decoder.ts'
import { decoderConfig, decoderSchema } from '../blocks/decoder-config.ts'

/** Llama (Touvron et al. 2023): RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied or untied head. */
export const llama = decoder({
  modelType: 'llama',
  config: (json, where = 'config.json') => decoderConfig(parseWith(decoderSchema, json, where), where),
})
