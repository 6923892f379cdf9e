import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { decoder } from '../blocks/decoder.ts'
import { decoderConfig, decoderSchema } from '../blocks/decoder-config.ts'

/** What it leaves out is transformers' default. */
const schema = decoderSchema.extend({ rms_norm_eps: z.number().positive().default(1e-5) })

/** OLMo 2 (OLMo team 2024): a llama whose norms stand behind attention and feed-forward, with an RMSNorm over all queries and one over all keys before rotation. */
export const olmo2 = decoder({
  modelType: 'olmo2',
  config: (json, where = 'config.json') => ({ ...decoderConfig(parseWith(schema, json, where), where), mlpBias: false }),
  norms: 'behind',
  headNorm: 'together',
  tasks: ['SEQ_CLS'],
})
