import { definePlugin, fromKeyValue, normal, param, zeros, type FloatTensor, type Initializer } from '@weft/core'
import * as z from 'zod/mini'

const config = z.strictObject({
  /** P */
  numVirtualTokens: z._default(z.int().check(z.gte(1), z.lte(4096)), 20),
  /** Where the prefix starts from: keys and values the frozen model has for real tokens, or noise. */
  prefixInit: z._default(z.enum(['vocab', 'text', 'random']), 'vocab'),
  /** The text whose keys and values are tiled over the prefix (`text`). */
  prefixInitText: z.optional(z.string().check(z.minLength(1))),
  /** How much faster gates learn than the prefix: they start from zero, and until they open the prefix learns nothing. */
  gateLearningRate: z._default(z.number().check(z.gt(0), z.lte(100)), 10),
}).check(z.refine((c) => c.prefixInit !== 'text' || c.prefixInitText !== undefined, {
  path: ['prefixInitText'],
  error: 'prefixInit "text" needs prefixInitText',
}))

type Config = z.infer<typeof config>

const prefixInitializer = ({ prefixInit, prefixInitText }: Config): Initializer =>
  prefixInit === 'random' ? normal(1) : fromKeyValue(prefixInit === 'text' ? prefixInitText : undefined)

/**
 * Parallel prefix: keys and values beside every layer's own, with a softmax of their own, times a gate per layer and head, added
 * to the attention. The text keeps its positions and its softmax, so that such adapters add where prefixes compete.
 */
export const parallelPrefix = definePlugin({
  id: 'parallel-prefix',
  description: 'A prefix with its own softmax behind a gate, added to the attention; made to be combined.',
  paper: 'https://arxiv.org/abs/2303.16199',
  sites: ['gatedKeyValue'],
  config,
  params: (config, { numLayers: L, numHeads: N, numKeyValueHeads: K, headDim: D }) => ({
    prefix: param([L, 2, K, config.numVirtualTokens, D], prefixInitializer(config)),
    gate: param([L, N, 1], zeros, { lrScale: config.gateLearningRate }),
  }),
  encode: (g, { prefix, gate }, { numVirtualTokens }) => ({
    gatedKeyValue: { prefix, gate, lengths: g.constant(Float32Array.of(numVirtualTokens), [1]) },
  }),
  decode: ({ gatedKeyValue: { prefix, gate } }) => ({ prefix: prefix as FloatTensor, gate: gate as FloatTensor }),
})

export default parallelPrefix
