import { decoder } from './blocks/decoder.ts'
import { decoderConfig, decoderSchema, type DecoderConfig } from './blocks/decoder-config.ts'
import { parseWith } from '../config.ts'

export type LlamaConfig = DecoderConfig

/** Llama (Touvron et al. 2023): RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied or untied head. */
export const llama = decoder({
  modelType: 'llama',
  config: (json, where = 'config.json') => decoderConfig(parseWith(decoderSchema, json, where), where),
})
