import { type FloatTensor, floatTensor } from '@weft/adapters'
import { definePlugin, fromPrefixStart, normal, type Param, param, prefixStart, prefixStartSaid, refuseUnread, zeros } from '@weft/methods'
import * as z from 'zod/mini'

const config = z
  .strictObject({
    /** P */
    numVirtualTokens: z._default(z.int().check(z.gte(1), z.lte(4096)), 20),
    ...prefixStart(),
    /**
     * One more key with a zero value. A softmax of its own always sums to 1: a query that attends to this key gets nothing from the prefix.
     */
    sinkColumn: z._default(z.boolean(), true),
    /** How many such keys; 1 when absent. One shuts the branch by a linear function of the query, several by the largest of as many. */
    sinkColumns: z.optional(z.int().check(z.gte(1), z.lte(64))),
    /** How much faster gates learn than the prefix. They start at 0, and while a gate is 0 its prefix gets no gradient. */
    gateLearningRate: z._default(z.number().check(z.gt(0), z.lte(100)), 10),
  })
  .check(
    prefixStartSaid,
    z.refine(({ sinkColumn, sinkColumns }) => sinkColumn || sinkColumns === undefined, { path: ['sinkColumns'], error: 'sinkColumns needs sinkColumn true' }),
  )

const sinksOf = ({ sinkColumn, sinkColumns = 1 }: z.infer<typeof config>): number => (sinkColumn ? sinkColumns : 0)
/** Equal keys would have equal gradients, and stay equal. */
const APART = 0.1

/**
 * Parallel prefix: keys and values beside every layer's own, with a softmax of their own, times a gate per layer and head, added
 * to the attention. The text keeps its positions and its softmax. So such adapters add, where ordinary prefixes compete for one softmax.
 */
export const parallelPrefix = definePlugin({
  id: 'parallel-prefix',
  description: 'A prefix with its own softmax behind a gate, added to the attention; made to be combined.',
  paper: 'https://arxiv.org/abs/2303.16199',
  sites: ['gatedKeyValue'],
  hyperparameters: { learningRate: 1e-2 },
  searchSpace: { learningRate: [1e-2, 3e-2, 1e-1], setting: { name: 'numVirtualTokens', values: [5, 10, 20] } },
  config,
  asked: (config) => refuseUnread('parallel-prefix', config, 'prefixInitText', 'prefixInit', 'text'),
  params: (config, { numLayers: L, numHeads: N, numKeyValueHeads: K, headDim: D }): Record<string, Param> => ({
    prefix: param([L, 2, K, config.numVirtualTokens, D], fromPrefixStart(config)),
    gate: param([L, N, 1], zeros, { lrScale: config.gateLearningRate }),
    ...(config.sinkColumn && { sinkKey: param([L, 1, K, sinksOf(config), D], sinksOf(config) === 1 ? zeros : normal(APART)) }),
  }),
  encode: (g, { prefix, gate, sinkKey }, config, { numLayers: L, numKeyValueHeads: K, headDim: D }) => {
    const sinks = sinksOf(config)
    const zeroValues = () => g.constant(new Float32Array(L * K * sinks * D), [L, 1, K, sinks, D])
    const columns = sinkKey ? g.concat([prefix, g.concat([sinkKey, zeroValues()], 1)], 3) : prefix // [L,2,K,P+S,D]
    return { gatedKeyValue: { prefix: columns, gate, lengths: g.constant(Float32Array.of(config.numVirtualTokens + sinks), [1]) } }
  },
  decode: ({ gatedKeyValue: { prefix, gate } }, config): Record<string, FloatTensor> => {
    const [all, sinks] = [prefix.shape[3], sinksOf(config)]
    if (sinks === 0) return { prefix: prefix as FloatTensor, gate: gate as FloatTensor }
    return {
      prefix: columns(prefix as FloatTensor, 2, 0, all - sinks),
      gate: gate as FloatTensor,
      sinkKey: columns(prefix as FloatTensor, 1, all - sinks, all),
    }
  },
})

/** Columns `from` to `to` of a prefix `[L,2,K,P,D]`: its keys alone, or keys and values. */
function columns({ shape: [L, , K, P, D], data }: FloatTensor, halves: 1 | 2, from: number, to: number): FloatTensor {
  const width = (to - from) * D
  const taken = new Float32Array(L * halves * K * width)
  for (let l = 0; l < L; l++)
    for (let half = 0; half < halves; half++)
      for (let k = 0; k < K; k++) {
        const at = (((l * 2 + half) * K + k) * P + from) * D
        taken.set(data.subarray(at, at + width), ((l * halves + half) * K + k) * width)
      }
  return floatTensor([L, halves, K, to - from, D], taken)
}

export default parallelPrefix
