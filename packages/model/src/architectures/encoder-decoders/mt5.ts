import type { Architecture } from '../architecture.ts'
import { type T5Config, t5 } from './t5.ts'

/** What config.json leaves out: mT5 small, where T5's is another. */
const defaults = { vocab_size: 250_112, d_ff: 1024, num_layers: 8, num_heads: 6, feed_forward_proj: 'gated-gelu' }

/**
 * mT5 (Xue et al. 2021): T5 v1.1 of a hundred languages. Its output is never scaled, and its head is the embedding wherever a checkpoint stores no
 * other, whatever config.json says: the published ones store another.
 */
export const mt5: Architecture<T5Config> = {
  ...t5,
  modelTypes: ['mt5'],
  config: (json, where) => t5.config({ ...defaults, ...(json as object), tie_word_embeddings: true, scale_decoder_outputs: false }, where),
  spec: (c) => ({ ...t5.spec(c), architecture: 'mt5' }),
}
