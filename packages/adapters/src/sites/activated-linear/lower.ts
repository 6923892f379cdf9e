import type { SiteLowering } from '../../hooks/lowering.ts'

/** `y + B·((A·x) ⊙ (gate·of))`: each of the R directions counts at the tokens that its invocation opens it for. Ranks are filled up with zeros. */
export const lowering: SiteLowering = {
  perToken: 'gate',
  linearAdd(g, { module, x, y }, tensors, slots) {
    const [a, b, of] = [tensors(`${module}.a`), tensors(`${module}.b`), tensors(`${module}.of`)]
    if (!a || !b || !of) return y
    const gate = tensors('gate')!
    if (!slots) return g.gemm(g.mul(g.gemm(x, a, { transB: true }), g.matMul(gate, of)), b, { transB: true, c: y })
    const open = g.matMul(slots.parts(gate), slots.units(of))
    return slots.add(y, g.matMul(g.mul(g.matMul(slots.parts(x), slots.transposed(a)), open), slots.transposed(b)))
  },
}
