import { type FloatTensor, floatTensor, type SiteState } from '../../tensor.ts'
import type { Site, SiteTerm, TensorSpec } from '../site.ts'
import { inputs } from './inputs.ts'

/**
 * Factors on a linear layer's output, `<module>.out [out]`, or on its input, `<module>.in [in]` (Liu et al. 2022, IA³). A layer
 * that a term does not name has factor 1 in it.
 */
export const scale: Site = {
  name: 'scale',
  ordered: false,
  strength: 'linear',
  mixes: true,
  tensors: (model) =>
    Object.fromEntries(
      Object.entries(model.modules).flatMap(([module, [out, input]]): [string, TensorSpec][] => [
        [`${module}.out`, { shape: [out], dtype: 'float32', optional: true }],
        [`${module}.in`, { shape: [input], dtype: 'float32', optional: true }],
      ]),
    ),
  scale: (state, weight) => mapped(state, (factor) => 1 + weight * (factor - 1)),
  stack: (a, b) => ({
    ...a,
    ...Object.fromEntries(Object.entries(b).map(([name, tensor]) => [name, a[name] ? product(a[name] as FloatTensor, tensor as FloatTensor) : tensor])),
  }),
  mix: (terms) => Object.fromEntries([...new Set(terms.flatMap(({ state }) => Object.keys(state)))].map((name) => [name, mixed(terms, name)])),
  inputs,
}

const mapped = (state: SiteState, change: (factor: number) => number): SiteState =>
  Object.fromEntries(Object.entries(state).map(([name, { shape, data }]) => [name, floatTensor([...shape], (data as Float32Array).map(change))]))

const product = (a: FloatTensor, b: FloatTensor): FloatTensor =>
  floatTensor(
    [...a.shape],
    a.data.map((factor, i) => factor * b.data[i]),
  )

/** Σ w·s, in double precision; a term without the tensor counts as ones. */
function mixed(terms: readonly SiteTerm[], name: string): FloatTensor {
  const { shape } = terms.find(({ state }) => state[name])!.state[name]
  const data = new Float32Array(shape[0])
  for (let i = 0; i < data.length; i++) data[i] = terms.reduce((sum, { weight, state }) => sum + weight * (state[name]?.data[i] ?? 1), 0)
  return floatTensor([...shape], data)
}
