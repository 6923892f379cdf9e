import { mixShapes } from '../errors.ts'
import { type FloatTensor, sameShape } from '../tensor.ts'
import type { SiteTerm } from './site.ts'

/** The named tensor of every term, after checking that a weighted sum of them exists. */
export function equalShapes(site: string, terms: readonly SiteTerm[], tensor: string): { weight: number; tensor: FloatTensor }[] {
  const [first] = terms
  const other = terms.find(({ state }) => !sameShape(state[tensor].shape, first.state[tensor].shape))
  if (other) {
    const pair = [first, other]
    throw mixShapes(
      site,
      pair.map(({ ref }) => ref ?? 'a term'),
      pair.map(({ state }) => `[${state[tensor].shape.join(', ')}]`),
    )
  }
  return terms.map(({ weight, state }) => ({ weight, tensor: state[tensor] as FloatTensor }))
}

/** A state without the tensors that are undefined. */
export const defined = <T>(state: Record<string, T | undefined>): Record<string, T> =>
  Object.fromEntries(Object.entries(state).filter((entry): entry is [string, T] => entry[1] !== undefined))
