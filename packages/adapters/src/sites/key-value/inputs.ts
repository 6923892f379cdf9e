import type { FloatTensor } from '../../tensor.ts'
import type { Site } from '../site.ts'

/** `prefix [L,2,K,P,D]`. Strengths are a matter of masks, and no input. */
export const inputs: Site['inputs'] = ({ prefix }, { numLayers, numKeyValueHeads, headDim }) => [
  { name: 'prefix', shape: [numLayers, 2, numKeyValueHeads, 'P', headDim], neutral: 0, tensor: prefix as FloatTensor },
]
