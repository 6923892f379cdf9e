import type { Rules } from '../rule.ts'

export const activation = {
  // y = silu(x)·u. dx = ct·[u·(s + silu·(1−s))], du = ct·silu, s = σ(x). The bracket holds no gradient: it can be computed
  // on the way forward, after which it and silu are all that is kept; the way back is one product each.
  SwiGlu: ({ g, ct, inputs: [x, u] }) => {
    const s = g.sigmoid(x)
    const silu = g.mul(x, s)
    return [() => g.mul(ct, g.mul(u, g.add(s, g.mul(silu, g.sub(1, s))))), () => g.mul(ct, silu)]
  },
  // none: y′ = Φ + x·φ, from erf and exp. tanh: y = x·s, s = σ(w), w = x·(2c + 2ca·x²), so y′ = s + y·(1 − s)·(2c + 6ca·x²):
  // the sigmoid is the tanh's cheaper half. Neither mentions ct before the end: it can be computed on the way forward. Beyond 64 s is 0 or 1 and
  // the second term 0, which x² has no part in: it is held there, since in float16 it would be infinite, and 0·∞ no number.
  Gelu: ({ g, ct, inputs: [x], outputs: [y], attributes: { approximate } }) => [
    () => {
      if (approximate === 'none') {
        // x·φ = u·exp(−u²)/√π with u = x/√2; the factor rides in the exponent.
        const u = g.mul(x, Math.SQRT1_2)
        const normal = g.mul(u, g.exp(g.sub(-Math.log(Math.PI) / 2, g.mul(u, u))))
        return g.mul(ct, g.add(g.add(g.mul(g.erf(u), 0.5), 0.5), normal))
      }
      const c = 2 * Math.sqrt(2 / Math.PI)
      const cubic = g.mul(g.min(g.mul(x, x), 4096), c * 0.044715)
      const s = g.sigmoid(g.mul(x, g.add(cubic, c)))
      return g.mul(ct, g.add(s, g.mul(g.mul(y, g.sub(1, s)), g.add(g.mul(cubic, 3), c))))
    },
  ],
} satisfies Partial<Rules>
