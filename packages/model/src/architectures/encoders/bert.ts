import { encoder } from '../blocks/encoder.ts'
import { encoderConfig } from '../blocks/encoder-config.ts'

/** BERT (Devlin et al. 2019), and sentence encoders of its shape. A classifier reads the first position through the pretrained pooler. */
export const bert = encoder({
  modelType: 'bert',
  config: (json, where) => encoderConfig(json, where, { firstPosition: () => 0, pooler: true }),
  classifier: { module: 'classifier', bias: true, dense: false, pooler: 'bert.pooler.dense' },
})
