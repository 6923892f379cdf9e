import { definePlugin, fromPrefixStart, normal, param, prefixStart, prefixStartSaid, refuseUnread, rowsOfPrefix } from '@weft/methods'
import * as z from 'zod/mini'

const config = z
  .strictObject({
    /** P */
    numVirtualTokens: z._default(z.int().check(z.gte(1), z.lte(4096)), 20),
    /**
     * Not noise: of one standard deviation before each of thirty layers it is so far from what they know that training breaks down. Li & Liang 2021, §7.4
     * (https://arxiv.org/abs/2101.00190) saw the same where there is little data.
     */
    ...prefixStart('vocab'),
    /** Standard deviation of the noise (`random`). */
    initStd: z._default(z.number().check(z.gt(0), z.lte(1e6)), 1),
  })
  .check(prefixStartSaid)

/** P-tuning v2 (Liu et al. 2021): deep prompts at every layer, no projection, trained with the task's head on top. */
export const pTuningV2 = definePlugin({
  id: 'p-tuning-v2',
  description: "Deep prompts at every layer with the task's head on top: classification and token labelling.",
  paper: 'https://arxiv.org/abs/2110.07602',
  sites: ['keyValue'],
  tasks: ['SEQ_CLS', 'TOKEN_CLS'],
  config,
  params: (config, { numLayers, numKeyValueHeads, headDim }) => ({
    // [L,2,K,P,D]
    prefix: param(
      [numLayers, 2, numKeyValueHeads, config.numVirtualTokens, headDim],
      config.prefixInit === 'random' ? normal(config.initStd) : fromPrefixStart(config),
    ),
  }),
  asked: (config) => refuseUnread('p-tuning-v2', config, 'prefixInitText', 'prefixInit', 'text'),
  encode: (_, { prefix }) => ({ keyValue: { prefix } }),
  peft: {
    // A flat prefix with a head is PREFIX_TUNING to PEFT, and comes back as `prefix-tuning`.
    peftType: 'PREFIX_TUNING',
    imports: false,
    params: {},
    configFrom: () => ({}),
    configTo: (_, model) => {
      const width = model.numKeyValueHeads * model.headDim
      return { token_dim: width, num_attention_heads: model.numKeyValueHeads, prefix_projection: false, encoder_hidden_size: width, init_weights: null }
    },
    stateTo: ({ keyValue: { prefix } }) => ({ prompt_embeddings: rowsOfPrefix(prefix) }),
  },
})

export default pTuningV2
