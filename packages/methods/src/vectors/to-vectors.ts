import type { FloatTensor, LoadedAdapter } from '@weft/adapters'
import { notOfVectors } from '../errors.ts'

/**
 * An adapter as vectors by layer, each added to the residual stream behind its layer: the way back from `fromVectors`. What else it does has no place in such
 * a file, and is refused. Error 422 `not_of_vectors`.
 */
export function toVectors({ manifest: { method, task }, state }: LoadedAdapter): Map<number, FloatTensor> {
  if (task !== 'CAUSAL_LM') throw notOfVectors(method, `it was made for ${task}, and such vectors steer a language model that generates`)
  const elsewhere = Object.keys(state).filter((site) => site !== 'residual')
  if (elsewhere.length > 0 || !state.residual)
    throw notOfVectors(method, elsewhere.length > 0 ? `it acts at ${elsewhere.join(', ')}, and a vector on the residual stream alone` : 'it changes nothing')
  const vectors = Object.entries(state.residual).map(([name, tensor]): [number, FloatTensor] => {
    const layer = name.match(/^(\d+)\.vector$/)?.[1]
    if (layer === undefined) throw notOfVectors(method, `its ${name} is part of a low-rank edit, and a vector is all that such a file holds for a layer`)
    return [Number(layer), tensor as FloatTensor]
  })
  return new Map(vectors.sort(([a], [b]) => a - b))
}
