import { parseWith } from '../../config.ts'
import { decoder } from '../blocks/decoder.ts'
import { decoderConfig, decoderSchema, size } from '../blocks/decoder-config.ts'
import { switchedWindows, windowSchema, withWindows } from '../blocks/sliding-window.ts'

/** Heads are as wide as config.json says, whatever the hidden size. */
const schema = decoderSchema.extend({ ...windowSchema, head_dim: size.default(128) })

/** Qwen3 (Yang et al. 2025): a llama with an RMSNorm over each head of queries and keys before rotation; layers may have a sliding window. */
export const qwen3 = decoder({
  modelType: 'qwen3',
  config: (json, where = 'config.json') => {
    const c = parseWith(schema, json, where)
    return withWindows({ ...decoderConfig(c, where), mlpBias: false }, switchedWindows(c, where))
  },
  headNorm: 'each',
})
