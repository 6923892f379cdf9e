import { type FloatTensor, floatTensor, type Site, type TensorSpec } from '@weft/adapters'
import { inputs } from './inputs.ts'

/** A vector added to what a frozen linear layer reads: a site that only this test knows. */
export const inputShift: Site = {
  name: 'inputShift',
  ordered: false,
  strength: 'linear',
  mixes: true,
  tensors: ({ modules }) =>
    Object.fromEntries(
      Object.entries(modules).map(([module, [, input]]): [string, TensorSpec] => [`${module}.shift`, { shape: [input], dtype: 'float32', optional: true }]),
    ),
  scale: (state, weight) => Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, times(tensor as FloatTensor, weight)])),
  stack: (a, b) => ({
    ...a,
    ...Object.fromEntries(Object.entries(b).map(([name, tensor]) => [name, a[name] ? sum(a[name] as FloatTensor, tensor as FloatTensor) : tensor])),
  }),
  mix: (terms) => terms.map(({ weight, state }) => (weight === 1 ? state : inputShift.scale(state, weight))).reduce((a, b) => inputShift.stack(a, b)),
  inputs,
}

const times = ({ shape, data }: FloatTensor, weight: number): FloatTensor =>
  floatTensor(
    [...shape],
    data.map((value) => value * weight),
  )
const sum = (a: FloatTensor, b: FloatTensor): FloatTensor =>
  floatTensor(
    [...a.shape],
    a.data.map((value, i) => value + b.data[i]),
  )
