import type { Rules } from '../rule.ts'

export const activation = {
  // y = silu(x)·u. dx = ct·[u·(s + silu·(1−s))], du = ct·silu, s = σ(x). The bracket holds no gradient: it can be computed
  // on the way forward, after which it and silu are all that is kept; the way back is one product each.
  SwiGlu: ({ g, ct, inputs: [x, u] }) => {
    const s = g.sigmoid(x)
    const silu = g.mul(x, s)
    return [
      () => g.mul(ct, g.mul(u, g.add(s, g.mul(silu, g.sub(1, s))))),
      () => g.mul(ct, silu),
    ]
  },
} satisfies Partial<Rules>
