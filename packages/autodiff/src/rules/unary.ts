import type { Rules } from '../rule.ts'

export const unary = {
  Neg: ({ g, ct }) => [() => g.neg(ct)],
  Abs: ({ g, ct, inputs: [x] }) => [() => g.where(g.greater(x, 0), ct, g.where(g.less(x, 0), g.neg(ct), 0))],
  Exp: ({ g, ct, outputs: [y] }) => [() => g.mul(ct, y)],
  Log: ({ g, ct, inputs: [x] }) => [() => g.div(ct, x)],
  Sqrt: ({ g, ct, outputs: [y] }) => [() => g.div(g.mul(ct, 0.5), y)],
  Reciprocal: ({ g, ct, outputs: [y] }) => [() => g.neg(g.mul(ct, g.mul(y, y)))],
  Tanh: ({ g, ct, outputs: [y] }) => [() => g.mul(ct, g.sub(1, g.mul(y, y)))],
  Sigmoid: ({ g, ct, outputs: [y] }) => [() => g.mul(ct, g.mul(y, g.sub(1, y)))],
  // y = x·s, y′ = s + y·(1 − s): one pass fewer than through the product and the sigmoid, and no sum of two branches.
  Silu: ({ g, ct, inputs: [x] }) => [
    () => {
      const s = g.sigmoid(x)
      return g.mul(ct, g.add(s, g.mul(g.mul(x, s), g.sub(1, s))))
    },
  ],
  Erf: ({ g, ct, inputs: [x] }) => [() => g.mul(ct, g.mul(g.exp(g.neg(g.mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  Relu: ({ g, ct, outputs: [y] }) => [() => g.where(g.greater(y, 0), ct, 0)],
  Sin: ({ g, ct, inputs: [x] }) => [() => g.mul(ct, g.cos(x))],
  Cos: ({ g, ct, inputs: [x] }) => [() => g.neg(g.mul(ct, g.sin(x)))],
  StopGradient: 'zero',
  Not: 'zero',
  Cast: ({ g, ct, inputs: [x] }) => [() => g.cast(ct, x.dtype)],
} satisfies Partial<Rules>
