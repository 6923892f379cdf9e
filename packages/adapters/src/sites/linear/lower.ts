import type { SiteLowering } from '../../hooks/lowering.ts'
import { withVector } from '../../hooks/slots.ts'

/**
 * `y + bias + B·A·x`: two plain products where all rows share the term, batched ones over parts of the rows, `[U,M/U,in]·[U,in,R]`, where not:
 * as many kernels for eight adapters as for one. Ranks are filled up with zeros.
 */
export const lowering: SiteLowering = {
  linearAdd(g, { module, x, y }, tensors, slots) {
    const [a, b, bias] = [tensors(`${module}.a`), tensors(`${module}.b`), tensors(`${module}.bias`)]
    const biased = bias ? withVector(g, y, bias, slots, (y, by) => g.add(y, by)) : y
    if (!a || !b) return biased
    if (!slots) return g.gemm(g.gemm(x, a, { transB: true }), b, { transB: true, c: biased })
    return slots.add(biased, g.matMul(g.matMul(slots.parts(x), slots.transposed(a)), slots.transposed(b)))
  },
}
