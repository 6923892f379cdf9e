import type { GraphBuilder } from '../builder.ts'
import type { Value } from '../value.ts'

/**
 * Indices into an axis of `size`, as int32, the integer type that every device can move about. WebGPU has no int64 but as
 * the index of a Gather: so the indices look their own values up in 0 … size − 1 (and negative ones come out positive).
 */
export function narrowIndices(g: GraphBuilder, indices: Value, size: Value['shape'][number]): Value {
  if (indices.dtype === 'int32') return indices
  if (typeof size !== 'number') return g.cast(indices, 'int32')
  const values = g.constant(
    Int32Array.from({ length: size }, (_, i) => i),
    [size],
  )
  return g.gather(values, indices, 0)
}
