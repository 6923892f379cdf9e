import type { GraphBuilder, Value } from '@weft/graph'
import type { Rules } from '../rule.ts'

/** 1 where `a` wins, ½ where both are equal, 0 where `b` does. */
const share = (g: GraphBuilder, a: Value, b: Value) =>
  g.where(g.greater(a, b), g.constant(1, [], a.dtype), g.where(g.equal(a, b), g.constant(0.5, [], a.dtype), 0))

export const binary = {
  Add: ({ ct }) => [() => ct, () => ct],
  Sub: ({ g, ct }) => [() => ct, () => g.neg(ct)],
  Mul: ({ g, ct, inputs: [a, b] }) => [() => g.mul(ct, b), () => g.mul(ct, a)],
  Div: ({ g, ct, inputs: [, b], outputs: [y] }) => [() => g.div(ct, b), () => g.neg(g.div(g.mul(ct, y), b))],
  Pow: ({ g, ct, inputs: [a, b], outputs: [y] }) => [
    () => {
      const exponent = b.constant?.data.length === 1 ? Number(b.constant.data[0]) : undefined
      if (exponent === 2) return g.mul(ct, g.mul(a, 2))
      return g.mul(ct, g.mul(b, g.pow(a, exponent === undefined ? g.sub(b, 1) : exponent - 1)))
    },
    () => g.mul(ct, g.mul(y, g.log(a))),
  ],
  Max: ({ g, ct, inputs: [a, b] }) => [() => g.mul(ct, share(g, a, b)), () => g.mul(ct, share(g, b, a))],
  Min: ({ g, ct, inputs: [a, b] }) => [() => g.mul(ct, share(g, b, a)), () => g.mul(ct, share(g, a, b))],
  Equal: 'zero',
  Less: 'zero',
  Greater: 'zero',
  And: 'zero',
  Or: 'zero',
} satisfies Partial<Rules>
