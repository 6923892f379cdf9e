import type { FloatTensor } from '../../tensor.ts'
import { concat, weightedSum } from '../concat.ts'
import { defined, equalShapes } from '../equal-shapes.ts'
import { addLogStrength, mixBias, stackBias } from '../log-strength.ts'
import type { Site } from '../site.ts'
import { inputs } from './inputs.ts'

/** Keys and values `[L,2,K,P,D]` before each layer's own, unrotated (Li & Liang 2021). Prefixes overlay one another, so their order is free. */
export const keyValue: Site = {
  name: 'keyValue',
  ordered: false,
  strength: 'log',
  mixes: true,
  needs: ['prefix'],
  tensors: (model) => ({
    prefix: { shape: [model.numLayers, 2, model.numKeyValueHeads, null, model.headDim], axes: [null, null, null, 'P', null], dtype: 'float32' },
    bias: { shape: [null], axes: ['P'], dtype: 'float32', optional: true },
  }),
  virtualTokens: ({ prefix }) => ({ prefix: Number(prefix.shape[3]) }),
  scale: ({ prefix, bias }, weight, ref) => ({ prefix, bias: addLogStrength(bias as FloatTensor, prefix.shape[3], weight, ref) }),
  stack: (a, b) =>
    defined({
      prefix: concat(a.prefix as FloatTensor, b.prefix as FloatTensor, 3),
      bias: stackBias(a.bias as FloatTensor, a.prefix.shape[3], b.bias as FloatTensor, b.prefix.shape[3]),
    }),
  mix: (terms) =>
    defined({
      prefix: weightedSum(equalShapes('keyValue', terms, 'prefix')),
      bias: mixBias(
        terms.map(({ weight, state }) => ({ weight, bias: state.bias as FloatTensor })),
        terms[0].state.prefix.shape[3],
      ),
    }),
  inputs,
  servedBy: 'cache',
}
