import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { invalidConfig } from '../../errors.ts'
import { activationOf } from '../blocks/activation.ts'
import { encoder } from '../blocks/encoder.ts'

const size = z.int('a whole number expected').positive('a whole number of at least 1 expected')

/** `sinusoidal_pos_embds` says how the table of positions began, which every checkpoint holds. */
const schema = z.looseObject({
  vocab_size: size.default(30_522),
  dim: size.default(768),
  n_layers: size.default(6),
  n_heads: size.default(12),
  hidden_dim: size.default(3072),
  activation: z.string().default('gelu'),
  max_position_embeddings: size.default(512),
  initializer_range: z.number().positive().default(0.02),
})

/**
 * DistilBERT (Sanh et al. 2019): BERT's encoder of fewer layers, under names of its own, without token types and pooler. A classifier of texts
 * has a dense layer with ReLU before it, a module of its own.
 */
export const distilbert = encoder({
  modelType: 'distilbert',
  config(json, where) {
    const c = parseWith(schema, json, where)
    if (c.dim % c.n_heads) throw invalidConfig(where, `dim ${c.dim} is no multiple of n_heads ${c.n_heads}.`)
    return {
      vocabSize: c.vocab_size,
      hiddenSize: c.dim,
      numLayers: c.n_layers,
      numHeads: c.n_heads,
      intermediateSize: c.hidden_dim,
      activation: activationOf('activation', c.activation),
      typeVocabSize: 0,
      layerNormEps: 1e-12,
      initializerRange: c.initializer_range,
      positionRows: c.max_position_embeddings,
      firstPosition: 0,
      pooler: false,
    }
  },
  names: {
    layers: 'transformer.layer',
    query: 'attention.q_lin',
    key: 'attention.k_lin',
    value: 'attention.v_lin',
    attentionOutput: 'attention.out_lin',
    attentionNorm: 'sa_layer_norm',
    up: 'ffn.lin1',
    down: 'ffn.lin2',
    norm: 'output_layer_norm',
  },
  roles: {
    attention: { query: 'q_lin', key: 'k_lin', value: 'v_lin', output: 'out_lin' },
    feedForward: { up: 'lin1', down: 'lin2' },
  },
  classifier: { module: 'classifier', bias: true, dense: true, denseModule: 'pre_classifier', denseActivation: 'relu' },
  heads: ['pre_classifier', 'vocab_transform', 'vocab_layer_norm', 'vocab_projector'],
})
