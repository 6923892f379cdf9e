import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { encoder } from '../blocks/encoder.ts'
import { encoderConfig } from '../blocks/encoder-config.ts'

const schema = z.looseObject({ embedding_size: z.int('a whole number expected').positive('a whole number of at least 1 expected').default(128) })

/**
 * ELECTRA (Clark et al. 2020): BERT's encoder without pooler. The small ones have embeddings narrower than the model, and a layer behind them that leads
 * to its width. A classifier has a dense layer of its own, with GELU.
 */
export const electra = encoder({
  modelType: 'electra',
  config(json, where) {
    const config = encoderConfig(json, where, { firstPosition: () => 0, pooler: false })
    const { embedding_size: embeddingSize } = parseWith(schema, json, where)
    return embeddingSize === config.hiddenSize ? config : { ...config, embeddingSize }
  },
  classifier: { module: 'classifier', bias: true, dense: true, denseActivation: 'gelu' },
  heads: ['discriminator_predictions', 'generator_predictions', 'generator_lm_head'],
})
