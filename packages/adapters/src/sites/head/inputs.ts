import type { FloatTensor } from '../../tensor.ts'
import type { Site } from '../site.ts'

/** `weight [C,H]`, `bias [C]`, `dense.weight [H,H]`, `dense.bias [H]`. */
export const inputs: Site['inputs'] = (state, { hiddenSize: H }) =>
  Object.entries(state).map(([name, tensor]) => ({
    name,
    shape: { weight: ['C', H], bias: ['C'] }[name] ?? tensor.shape,
    neutral: 0,
    tensor: tensor as FloatTensor,
  }))
