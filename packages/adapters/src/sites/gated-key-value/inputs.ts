import type { ModelSpec } from '../../model-spec.ts'
import { type FloatTensor, floatTensor, type SiteState } from '../../tensor.ts'
import { MASKED } from '../masked.ts'
import type { SiteInput } from '../site.ts'

/** What a branch that is not there has: columns that nobody sees, behind a gate of 0. */
export const neutral = (name: string): number => (name === 'mask' ? MASKED : 0)

/**
 * `<layer>.key`, `<layer>.value` `[K,G,P,D]`: G branches, each as wide as the widest; `<layer>.gate [N,G]`; `mask [G,P]`, 0 where a branch has a
 * column. Layers whose gates are all 0 are left out: they add nothing.
 */
export function inputs({ prefix, gate, lengths }: SiteState, model: ModelSpec): SiteInput[] {
  const { numHeads: N, numKeyValueHeads: K, headDim: D } = model
  const [L, , , P] = prefix.shape
  const G = lengths.data.length
  const width = Math.max(...lengths.data)
  const layers = Array.from({ length: L }, (_, layer) => layer).filter((layer) => gatesOf(gate, layer).some((value) => value !== 0))
  if (layers.length === 0) return []
  const input = (name: string, shape: SiteInput['shape'], tensor: FloatTensor): SiteInput => ({ name, shape, neutral: neutral(name), tensor })
  return [
    ...layers.flatMap((layer) => {
      const half = (kind: number): FloatTensor => {
        const columns = (prefix.data as Float32Array).subarray((layer * 2 + kind) * K * P * D, (layer * 2 + kind + 1) * K * P * D)
        return floatTensor([K, G, width, D], spread(columns, lengths.data as Float32Array, { K, P, D, width }))
      }
      return [
        input(`${layer}.key`, [K, 'G', 'P', D], half(0)),
        input(`${layer}.value`, [K, 'G', 'P', D], half(1)),
        input(`${layer}.gate`, [N, 'G'], floatTensor([N, G], gatesOf(gate, layer))),
      ]
    }),
    { ...input('mask', ['G', 'P'], floatTensor([G, width], columnMask(lengths.data, width))), idle: lengths.data.every((length) => length === width) },
  ]
}

/** `[G,width]`: 0 where branch g has column p. */
export function columnMask(lengths: ArrayLike<number>, width: number): Float32Array {
  const mask = new Float32Array(lengths.length * width)
  for (let branch = 0; branch < lengths.length; branch++) mask.fill(MASKED, branch * width + lengths[branch], (branch + 1) * width)
  return mask
}

function gatesOf({ data, shape: [, N, G] }: SiteState[string], layer: number): Float32Array {
  return (data as Float32Array).subarray(layer * N * G, (layer + 1) * N * G)
}

/** `[K,P,D]`, branches one after another → `[K,G,width,D]`. Branches of one width lie so already. */
function spread(columns: Float32Array, lengths: Float32Array, { K, P, D, width }: { K: number; P: number; D: number; width: number }): Float32Array {
  if (lengths.length * width === P) return columns
  const out = new Float32Array(K * lengths.length * width * D)
  for (let head = 0; head < K; head++) {
    let from = head * P * D
    lengths.forEach((length, branch) => {
      out.set(columns.subarray(from, from + length * D), (head * lengths.length + branch) * width * D)
      from += length * D
    })
  }
  return out
}
