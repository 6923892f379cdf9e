import type { Rules } from '../rule.ts'

export const quantized = {
  // y = x·wᵀ + b: dx = ct·w, by the numbers that the blocks mean, made when they are wanted and given back at once (as QLoRA does: Dettmers et al.
  // 2023, https://arxiv.org/abs/2305.14314). The blocks themselves do not train.
  MatMulNBits: ({ g, ct, inputs: [x, data, scales, zeroPoints], attributes: { bits } }) => [
    () => {
      const [N, blocks, bytes] = data.shape.map(Number)
      const rows = g.reshape(data, [N, blocks * bytes])
      const every = g.constant(
        Int32Array.from({ length: N }, (_, n) => n),
        [N],
      )
      // A runtime that walks the graph from its end makes first whatever waits for nothing: the numbers of all layers at once. The zero makes each wait for its
      // gradient, as the loss's blocks do. It is one of any gradient: a row that is not finite is not to be every row's.
      const first = g.slice(ct, { starts: [0, 0], ends: [1, 1], axes: [0, 1] })
      const zero = g.cast(g.greater(first, first), scales.dtype)
      const w = g.gatherBlockQuantized(every, { bits: bits as 4 | 8, data: rows, scales: g.add(scales, zero), zeroPoints })
      const K = x.shape[1]
      const all = g.matMul(ct, w)
      return K === blocks * 32 ? all : g.slice(all, { starts: [0], ends: [Number(K)], axes: [1] })
    },
    undefined,
    undefined,
    undefined,
    undefined,
    () => ct,
  ],
  GatherBlockQuantized: 'zero',
  // The gradient passes straight through the rounding of x (Bengio et al. 2013, https://arxiv.org/abs/1308.3432), and is rounded itself.
  IntegerLinear: ({ g, ct, inputs: [, data, scales, back, backScales] }) => [
    () => g.integerLinear(ct, { data: back, scales: backScales }, { data, scales }),
    undefined,
    undefined,
    undefined,
    undefined,
  ],
  QuantizeLinear: 'zero',
  MatMulIntegerToFloat: 'zero',
} satisfies Partial<Rules>
