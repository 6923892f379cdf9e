import type { GraphBuilder, Value } from '@weft/graph'
import { kaimingUniform, type Param, param } from '@weft/methods'

/** Most layers any encoder has. */
const MAX_LINEAR = 3

/** Linear layers with ReLU between them, `widths` in and out; torch's layout, `[out, in]`, so that PEFT's parameters are ours. */
export function mlpParams(widths: readonly number[]): Record<string, Param> {
  return Object.fromEntries(
    widths.slice(1).flatMap((out, i) => [
      [`linear${i}Weight`, param([out, widths[i]], kaimingUniform())],
      [`linear${i}Bias`, param([out], kaimingUniform(widths[i]))],
    ]),
  )
}

/** `x [P, in]` → `[P, out]` through `layers` of them. */
export function mlp(g: GraphBuilder, params: Readonly<Record<string, Value>>, x: Value, layers: number): Value {
  for (let i = 0; i < layers; i++) {
    x = g.gemm(i ? g.relu(x) : x, params[`linear${i}Weight`], { c: params[`linear${i}Bias`], transB: true })
  }
  return x
}

/** PEFT keeps them in a torch `Sequential`, where every ReLU takes a number too. */
export const mlpPeftNames: Record<string, string> = Object.fromEntries(
  Array.from({ length: MAX_LINEAR }, (_, i) => [
    [`linear${i}Weight`, `prompt_encoder.default.mlp_head.${2 * i}.weight`],
    [`linear${i}Bias`, `prompt_encoder.default.mlp_head.${2 * i}.bias`],
  ]).flat(),
)
