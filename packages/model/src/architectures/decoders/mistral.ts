import { parseWith } from '../../config.ts'
import { decoder } from '../blocks/decoder.ts'
import { decoderConfig, decoderSchema, size } from '../blocks/decoder-config.ts'
import { withWindows } from '../blocks/sliding-window.ts'

/** A config.json that says nothing of the window means 4096; `null` means none. */
const schema = decoderSchema.extend({ sliding_window: size.nullable().default(4096) })

/** Mistral (Jiang et al. 2023): a llama without biases, whose layers see a sliding window each. */
export const mistral = decoder({
  modelType: 'mistral',
  config: (json, where = 'config.json') => {
    const c = parseWith(schema, json, where)
    const config = { ...decoderConfig(c, where), attentionBias: false, mlpBias: false }
    return withWindows(config, Array<number | null>(config.numLayers).fill(c.sliding_window))
  },
})
