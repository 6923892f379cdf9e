import { parseWith } from '../config.ts'
import { decoder } from './blocks/decoder.ts'
import { decoderConfig, decoderSchema } from './blocks/decoder-config.ts'
import { windowOf, windowSchema, withinWindow } from './blocks/sliding-window.ts'

const schema = decoderSchema.extend(windowSchema)

/** Qwen2 and Qwen2.5 (Yang et al. 2024): a llama whose queries, keys and values have biases; a sliding window bounds the context. */
export const qwen2 = decoder({
  modelType: 'qwen2',
  config: (json, where = 'config.json') => {
    const c = parseWith(schema, json, where)
    return withinWindow({ ...decoderConfig(c, where), attentionBias: true, mlpBias: false }, windowOf(c))
  },
  outputBias: false,
  ia3: ['q_proj', 'v_proj'],
})
