import { type GraphBuilder, sizeOf, type Value } from '@weft/graph'
import type { Rules } from '../rule.ts'

const swapped = (g: GraphBuilder, x: Value) => {
  const rank = x.shape.length
  return g.transpose(
    x,
    x.shape.map((_, i) => (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i)),
  )
}

/** `[…,K]` as a matrix `[·,K]`. */
const rows = (g: GraphBuilder, x: Value) => g.reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!])

/** aᵀ·b, with the narrower of both transposed, and the product where that is b: a pass over attention's shares is dear. */
const transposedProduct = (g: GraphBuilder, a: Value, b: Value): Value =>
  Number(a.shape.at(-1)) > Number(b.shape.at(-1)) ? swapped(g, g.matMul(swapped(g, b), a)) : g.matMul(swapped(g, a), b)

export const linearAlgebra = {
  // y = a·b: da = ct·bᵀ, db = aᵀ·ct. Against a matrix this is one Gemm, which reads its operands transposed in place: a
  // Transpose of a weight would be folded into a second copy of it.
  MatMul: ({ g, ct, inputs: [a, b] }) => {
    if (b.shape.length > 2) return [() => g.matMul(ct, swapped(g, b)), () => transposedProduct(g, a, ct)]
    return [() => g.reshape(g.gemm(rows(g, ct), b, { transB: true }), a.shape), () => g.gemm(rows(g, a), rows(g, ct), { transA: true })]
  },
  // y = α·a′·b′ + c, where a′ is a or aᵀ. With neither transposed: da = α·ct·bᵀ, db = α·aᵀ·ct; the others by transposing that.
  Gemm: ({ g, ct, inputs: [a, b], attributes: { alpha, transA, transB } }) => [
    () => (transA ? g.gemm(b, ct, { alpha, transA: transB, transB: true }) : g.gemm(ct, b, { alpha, transB: !transB })),
    () => (transB ? g.gemm(ct, a, { alpha, transA: true, transB: transA }) : g.gemm(a, ct, { alpha, transA: !transA })),
    () => ct,
  ],
} satisfies Partial<Rules>
