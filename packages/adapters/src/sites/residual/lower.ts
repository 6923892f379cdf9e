import type { SiteLowering } from '../../hooks/lowering.ts'
import { withVector } from '../../hooks/slots.ts'

/** `x + v + B·A·x`: plain products where all rows share the term, batched ones over parts of the rows where not. Ranks are filled up with zeros. */
export const lowering: SiteLowering = {
  residual(g, { layer, x }, tensors, slots) {
    const [vector, a, b] = [tensors(`${layer}.vector`), tensors(`${layer}.a`), tensors(`${layer}.b`)]
    const moved = vector ? withVector(g, x, vector, slots, (x, by) => g.add(x, by)) : x
    if (!a || !b) return moved
    if (!slots) return g.gemm(g.gemm(x, a, { transB: true }), b, { transB: true, c: moved })
    return slots.add(moved, g.matMul(g.matMul(slots.parts(x), slots.transposed(a)), slots.transposed(b)))
  },
}
