import type { FloatTensor } from '@weft/adapters'
import { definePlugin, type FromDocument, fromTrainingKeyValue, type Param, param, zeros } from '@weft/methods'
import * as z from 'zod/mini'

const config = z.strictObject({
  /** P: how many keys and values stand for the document, in every layer and head. */
  numVirtualTokens: z._default(z.int().check(z.gte(1), z.lte(65_536)), 256),
  /** Whether every key has a bias of its own in each layer and head, so that it can weigh as much as many. */
  keyBias: z._default(z.boolean(), true),
})
type Config = z.infer<typeof config>

/** Attention matching (Zweiger et al. 2026): keys of the document, with biases and values by which attention sees what it saw of all of them. */
const fromDocument: FromDocument<Config> = {
  tokens: ({ numVirtualTokens }) => numVirtualTokens,
  biases: ({ keyBias }) => keyBias,
  config: (config, { prefix, keyBias }) => ({ ...config, numVirtualTokens: prefix.shape[3], keyBias: keyBias !== undefined }),
  params: (state) => state as Record<string, FloatTensor>,
}

/** A cartridge (Eyuboglu et al. 2025): a document as a short prefix of keys and values, computed from it or trained. */
export const cartridge = definePlugin({
  id: 'cartridge',
  description: 'A document as a short prefix of keys and values, with a bias for each of them; computed without training.',
  paper: 'https://arxiv.org/abs/2506.06266',
  sites: ['keyValue'],
  hyperparameters: { learningRate: 5e-3 },
  config,
  params: ({ numVirtualTokens: P, keyBias }, { numLayers: L, numKeyValueHeads: K, headDim: D }): Record<string, Param> => ({
    prefix: param([L, 2, K, P, D], fromTrainingKeyValue()),
    ...(keyBias && { keyBias: param([L, K, P], zeros) }),
  }),
  encode: (_, params) => ({ keyValue: params }),
  decode: ({ keyValue }) => keyValue,
  fromDocument,
})

export default cartridge
