import type { FloatTensor, SiteState } from '../../tensor.ts'
import { concat, times, weightedSum } from '../concat.ts'
import type { Site, TensorSpec } from '../site.ts'
import { inputs } from './inputs.ts'

/**
 * Additions to the residual stream, behind a layer: `x += v + B·A·x`, at every position. `<layer>.vector [H]` is a steering vector (Turner et al. 2023;
 * Rimsky et al. 2024), `<layer>.a [R,H]` and `<layer>.b [H,R]` a low-rank edit (Wu et al. 2024, ReFT). Layers count from 0; of an encoder-decoder they are the decoder's.
 * Sums are exact: vectors add, ranks stack.
 */
export const residual: Site = {
  name: 'residual',
  ordered: false,
  strength: 'linear',
  mixes: true,
  tensors: ({ numLayers, hiddenSize: H }) =>
    Object.fromEntries(
      Array.from({ length: numLayers }, (_, layer) => layer).flatMap((layer): [string, TensorSpec][] => {
        const rank = `R of layer ${layer}`
        return [
          [`${layer}.vector`, { shape: [H], dtype: 'float32', optional: true }],
          [`${layer}.a`, { shape: [null, H], axes: [rank, null], dtype: 'float32', optional: true, with: `${layer}.b` }],
          [`${layer}.b`, { shape: [H, null], axes: [null, rank], dtype: 'float32', optional: true, with: `${layer}.a` }],
        ]
      }),
    ),
  scale: (state, weight) =>
    Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, name.endsWith('.a') ? tensor : times(tensor as FloatTensor, weight)])),
  stack: (a, b) => {
    const sum: SiteState = { ...a }
    for (const [name, tensor] of Object.entries(b) as [string, FloatTensor][]) {
      const before = a[name] as FloatTensor | undefined
      if (!before) sum[name] = tensor
      else if (name.endsWith('.vector')) sum[name] = weightedSum([before, tensor].map((each) => ({ weight: 1, tensor: each })))
      else sum[name] = concat(before, tensor, name.endsWith('.a') ? 0 : 1)
    }
    return sum
  },
  mix: (terms) => terms.map(({ weight, state }) => (weight === 1 ? state : residual.scale(state, weight))).reduce((sum, state) => residual.stack(sum, state)),
  inputs,
}
