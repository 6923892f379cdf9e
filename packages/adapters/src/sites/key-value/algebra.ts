import type { FloatTensor } from '../../tensor.ts'
import { concat, weightedSum } from '../concat.ts'
import { defined, equalShapes } from '../equal-shapes.ts'
import { addLogStrength, mixBias, stackBias } from '../log-strength.ts'
import type { Site } from '../site.ts'
import { inputs } from './inputs.ts'
import { mixKeyBias, stackKeyBias } from './key-bias.ts'

/**
 * Keys and values `[L,2,K,P,D]` before each layer's own, unrotated (Li & Liang 2021). Prefixes overlay one another, so their order is free.
 * `keyBias [L,K,P]` is added to the attention logits toward single keys: one key then stands for several (Zweiger et al. 2026, https://arxiv.org/abs/2602.16284).
 */
export const keyValue: Site = {
  name: 'keyValue',
  ordered: false,
  strength: 'log',
  mixes: true,
  needs: ['prefix'],
  tensors: (model) => ({
    prefix: { shape: [model.numLayers, 2, model.numKeyValueHeads, null, model.headDim], axes: [null, null, null, 'P', null], dtype: 'float32' },
    bias: { shape: [null], axes: ['P'], dtype: 'float32', optional: true },
    keyBias: { shape: [model.numLayers, model.numKeyValueHeads, null], axes: [null, null, 'P'], dtype: 'float32', optional: true },
  }),
  virtualTokens: ({ prefix }) => ({ prefix: Number(prefix.shape[3]) }),
  scale: ({ prefix, bias, keyBias }, weight, ref) => defined({ prefix, bias: addLogStrength(bias as FloatTensor, prefix.shape[3], weight, ref), keyBias }),
  stack: (a, b) =>
    defined({
      prefix: concat(a.prefix as FloatTensor, b.prefix as FloatTensor, 3),
      bias: stackBias(a.bias as FloatTensor, a.prefix.shape[3], b.bias as FloatTensor, b.prefix.shape[3]),
      keyBias: stackKeyBias(a, b),
    }),
  mix: (terms) =>
    defined({
      prefix: weightedSum(equalShapes('keyValue', terms, 'prefix')),
      bias: mixBias(
        terms.map(({ weight, state }) => ({ weight, bias: state.bias as FloatTensor })),
        terms[0].state.prefix.shape[3],
      ),
      keyBias: mixKeyBias(terms),
    }),
  inputs,
  servedBy: 'cache',
}
