import type { FloatTensor } from '../../tensor.ts'
import type { Site } from '../site.ts'

/** `prefix [L,2,K,P,D]`; `keyBias [L,K,P]` where there is one, which every step needs. Strengths are a matter of masks, and no input. */
export const inputs: Site['inputs'] = ({ prefix, keyBias }, { numLayers, numKeyValueHeads, headDim }) => [
  { name: 'prefix', shape: [numLayers, 2, numKeyValueHeads, 'P', headDim], neutral: 0, tensor: prefix as FloatTensor },
  ...(keyBias
    ? [{ name: 'keyBias', shape: [numLayers, numKeyValueHeads, 'P.keyBias'], neutral: 0, tensor: keyBias as FloatTensor, servedBy: 'inputs' as const }]
    : []),
]
