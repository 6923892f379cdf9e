import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { unsupportedConfig } from '../../errors.ts'
import { encoder } from '../blocks/encoder.ts'
import { encoderConfig } from '../blocks/encoder-config.ts'

/** Distances find one of so many rows whatever config.json says, as in transformers; a larger table has rows that nothing reads. */
const BUCKETS = 32

const schema = z.looseObject({ relative_attention_num_buckets: z.int('a whole number expected').default(BUCKETS) })

/**
 * MPNet (Song et al. 2020), and sentence encoders of it: BERT's encoder without token types, with a bias of attention's scores for every distance, as T5
 * has it, that all layers share. Positions are counted behind the padding token's, 1 whatever config.json says. A classifier has a dense layer of its own.
 */
export const mpnet = encoder({
  modelType: 'mpnet',
  config(json, where) {
    const config = encoderConfig(json, where, { firstPosition: () => 2, pooler: false })
    const { relative_attention_num_buckets: biasRows } = parseWith(schema, json, where)
    if (biasRows < BUCKETS) throw unsupportedConfig('relative_attention_num_buckets', biasRows, `${BUCKETS} or more`)
    return { ...config, typeVocabSize: 0, biasRows }
  },
  relative: { numBuckets: BUCKETS, maxDistance: 128, bidirectional: true },
  names: {
    layers: 'encoder.layer',
    query: 'attention.attn.q',
    key: 'attention.attn.k',
    value: 'attention.attn.v',
    attentionOutput: 'attention.attn.o',
    attentionNorm: 'attention.LayerNorm',
    up: 'intermediate.dense',
    down: 'output.dense',
    norm: 'output.LayerNorm',
  },
  roles: {
    attention: { query: 'q', key: 'k', value: 'v', output: 'o' },
    feedForward: { up: 'intermediate.dense', down: 'output.dense' },
  },
  classifier: { module: 'classifier', bias: true, dense: true },
})
