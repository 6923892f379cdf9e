import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { unsupportedConfig } from '../../errors.ts'
import { encoder } from '../blocks/encoder.ts'
import { encoderConfig } from '../blocks/encoder-config.ts'

const schema = z.looseObject({ embedding_size: z.int().default(128) })

/**
 * ELECTRA (Clark et al. 2020): BERT's encoder without pooler. A classifier has a dense layer of its own, with GELU. Embeddings narrower than the
 * model, as the small ones have them, are refused: rows of prompts are as wide as the model.
 */
export const electra = encoder({
  modelType: 'electra',
  config(json, where) {
    const config = encoderConfig(json, where, { firstPosition: () => 0, pooler: false })
    const { embedding_size: narrow } = parseWith(schema, json, where)
    if (narrow !== config.hiddenSize) throw unsupportedConfig('embedding_size', narrow, `hidden_size, ${config.hiddenSize}`)
    return config
  },
  classifier: { module: 'classifier', bias: true, dense: true, denseActivation: 'gelu' },
  heads: ['discriminator_predictions', 'generator_predictions', 'generator_lm_head'],
})
