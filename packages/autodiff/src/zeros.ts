import type { DType, GraphBuilder, Shape, Value } from '@weft/graph'

/** Zeros of a shape, never stored in full. */
export const zeros = (g: GraphBuilder, dtype: DType, shape: Shape): Value => g.expand(g.constant(0, [], dtype), shape)
