import { encoder } from './blocks/encoder.ts'

/**
 * RoBERTa (Liu et al. 2019): BERT's encoder with positions counted from the padding token's id on. A classifier has a dense layer of its
 * own instead of the pooler.
 */
export const roberta = encoder({
  modelType: 'roberta',
  firstPosition: (padTokenId) => (padTokenId ?? 1) + 1,
  pooler: false,
  classifier: { module: 'classifier', bias: true, dense: true },
})
