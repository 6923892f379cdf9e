import { encoder } from '../blocks/encoder.ts'
import { encoderConfig } from '../blocks/encoder-config.ts'

const ofModelType = (modelType: string) =>
  encoder({
    modelType,
    prefix: 'roberta',
    config: (json, where) => encoderConfig(json, where, { firstPosition: (padTokenId) => (padTokenId ?? 1) + 1, pooler: false }),
    classifier: { module: 'classifier', bias: true, dense: true },
  })

/**
 * RoBERTa (Liu et al. 2019): BERT's encoder with positions counted from the padding token's id on. A classifier has a dense layer of its
 * own instead of the pooler.
 */
export const roberta = ofModelType('roberta')

/** XLM-R (Conneau et al. 2020): RoBERTa of a hundred languages, behind a SentencePiece tokenizer. */
export const xlmRoberta = ofModelType('xlm-roberta')

/** CamemBERT (Martin et al. 2020): RoBERTa of French. */
export const camembert = ofModelType('camembert')
