import type { GraphBuilder, Value } from '@weft/graph'
import type { ModelShape } from '../architectures/architecture.ts'

/** Pairs of numbers of each head that a rotary table of the architecture turns: F, the width of its cosines and sines; D/2 where whole heads are rotated. */
export function rotatedPairs({ architecture, config }: ModelShape, rotary: string): number {
  const { headDim, rotaryDim = headDim } = architecture.attention(config).rotary[rotary]
  return rotaryDim / 2
}

/** Heads `x [B,N,T,D]` rotated by `cos`, `sin` `[B,T,F]`: the first 2F numbers of each, and the others as they are. */
export function rotatedHeads(g: GraphBuilder, x: Value, cos: Value, sin: Value): Value {
  const [D, F] = [Number(x.shape[3]), Number(cos.shape[2])]
  if (2 * F === D) return g.rotaryEmbedding(x, cos, sin)
  const [turned, still] = g.split(x, [2 * F, D - 2 * F], 3)
  return g.concat([g.rotaryEmbedding(turned, cos, sin), still], 3)
}
