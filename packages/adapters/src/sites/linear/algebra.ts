import type { FloatTensor, SiteState } from '../../tensor.ts'
import { concat, times, weightedSum } from '../concat.ts'
import type { Site, TensorSpec } from '../site.ts'
import { inputs } from './inputs.ts'

/**
 * Low-rank additions to linear layers (Hu et al. 2022): `y += B·A·x`, tensors `<module>.a [R,in]`, `<module>.b [out,R]`, scaled
 * already, and `<module>.bias [out]` where a bias moves too. Sums are exact: ranks stack.
 */
export const linear: Site = {
  name: 'linear',
  ordered: false,
  strength: 'linear',
  mixes: true,
  tensors: (model) =>
    Object.fromEntries(
      Object.entries(model.modules).flatMap(([module, [out, input]]): [string, TensorSpec][] => {
        const rank = `R of ${module}`
        return [
          [`${module}.a`, { shape: [null, input], axes: [rank, null], dtype: 'float32', optional: true, with: `${module}.b` }],
          [`${module}.b`, { shape: [out, null], axes: [null, rank], dtype: 'float32', optional: true, with: `${module}.a` }],
          [`${module}.bias`, { shape: [out], dtype: 'float32', optional: true }],
        ]
      }),
    ),
  scale: (state, weight) =>
    Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, name.endsWith('.a') ? tensor : times(tensor as FloatTensor, weight)])),
  stack: (a, b) => {
    const sum: SiteState = { ...a }
    for (const [name, tensor] of Object.entries(b)) {
      const before = a[name] as FloatTensor | undefined
      if (!before) sum[name] = tensor
      else if (name.endsWith('.bias'))
        sum[name] = weightedSum([
          { weight: 1, tensor: before },
          { weight: 1, tensor: tensor as FloatTensor },
        ])
      else sum[name] = concat(before, tensor as FloatTensor, name.endsWith('.a') ? 0 : 1)
    }
    return sum
  },
  mix: (terms) => terms.map(({ weight, state }) => (weight === 1 ? state : linear.scale(state, weight))).reduce((sum, state) => linear.stack(sum, state)),
  inputs,
}
