import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { decoder } from '../blocks/decoder.ts'
import { decoderConfig, decoderSchema } from '../blocks/decoder-config.ts'

const factor = z.number().positive('a number above 0 expected')

/** What it leaves out is transformers' default. */
const schema = decoderSchema.extend({
  embedding_multiplier: factor.default(1),
  attention_multiplier: factor.default(1),
  residual_multiplier: factor.default(1),
  logits_scaling: factor.default(1),
})

/** Granite (IBM 2024): a llama with factors on embeddings, on attention's scores, on what blocks add, and a divisor of logits. */
export const granite = decoder({
  modelType: 'granite',
  config: (json, where = 'config.json') => {
    const c = parseWith(schema, json, where)
    const multipliers = { embedding: c.embedding_multiplier, attention: c.attention_multiplier, residual: c.residual_multiplier, logits: 1 / c.logits_scaling }
    return { ...decoderConfig(c, where), multipliers }
  },
  // transformers has no classifier of it: one of texts is served here alone, and leaves by no file.
  tasks: ['SEQ_CLS'],
})
