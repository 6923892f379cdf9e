import { sameShape } from '../dim.ts'
import { numbers } from '../dtype.ts'
import { defineOp, type Emit, type None } from '../op.ts'
import type { Value } from '../value.ts'

/**
 * Rotary positions (Su et al. 2021, https://arxiv.org/abs/2104.09864), halves rotated against each other:
 * `out = [x1·cos − x2·sin, x2·cos + x1·sin]`. `x [B,N,T,D]`, `cos`, `sin` `[B,T,D/2]`.
 */
export const RotaryEmbedding = defineOp({
  build: (emit: Emit<None>) => (x: Value, cos: Value, sin: Value) => emit([x, cos, sin], {})[0],
  infer: ([x, cos, sin]) => {
    if (x.shape.length !== 4) throw 'the operand must be [B,N,T,D]'
    const [B, , T, D] = x.shape
    if (typeof D !== 'number' || D % 2 !== 0) throw `the head size must be an even number, got ${D}`
    for (const table of [cos, sin]) {
      if (!sameShape(table.shape, [B, T, D / 2])) throw `cos and sin must be [${[B, T, D / 2]}]`
      if (table.dtype !== x.dtype) throw `cos and sin must be ${x.dtype}, got ${table.dtype}`
    }
    return [x]
  },
  run: ([x, cos, sin], _, context) => {
    const out = context.buffer()
    const [from, c, s] = [x, cos, sin].map(numbers)
    const [B, N, T, D] = x.shape
    const half = D / 2
    for (let b = 0; b < B; b++) {
      for (let n = 0; n < N; n++) {
        for (let t = 0; t < T; t++) {
          const at = ((b * N + n) * T + t) * D
          const angle = (b * T + t) * half
          for (let i = 0; i < half; i++) {
            const [x1, x2] = [from[at + i], from[at + half + i]]
            out[at + i] = x1 * c[angle + i] - x2 * s[angle + i]
            out[at + half + i] = x2 * c[angle + i] + x1 * s[angle + i]
          }
        }
      }
    }
    return [context.result(out)]
  },
})
