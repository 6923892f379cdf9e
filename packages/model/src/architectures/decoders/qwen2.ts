import { parseWith } from '../../config.ts'
import { decoder } from '../blocks/decoder.ts'
import { decoderConfig, decoderSchema } from '../blocks/decoder-config.ts'
import { switchedWindows, windowSchema, withWindows } from '../blocks/sliding-window.ts'

const schema = decoderSchema.extend(windowSchema)

/** Qwen2 and Qwen2.5 (Yang et al. 2024): a llama whose queries, keys and values have biases; layers may have a sliding window. */
export const qwen2 = decoder({
  modelType: 'qwen2',
  config: (json, where = 'config.json') => {
    const c = parseWith(schema, json, where)
    return withWindows({ ...decoderConfig(c, where), attentionBias: true, mlpBias: false }, switchedWindows(c, where))
  },
  outputBias: false,
})
