import type { GraphBuilder, Value } from '@weft/graph'
import type { LinearLayer, Lowering } from '../architectures/architecture.ts'

/** The frozen layer alone. Checkpoints keep `[out, in]`: transB multiplies by them as they lie in the file; Conv1D's `[in, out]` need none. */
export const applyLinear = (
  g: GraphBuilder,
  lowering: Pick<Lowering, 'weight'>,
  x: Value,
  module: string,
  { in: input, out, bias, transposed }: LinearLayer,
): Value =>
  g.scope(module, () =>
    g.gemm(x, lowering.weight(`${module}.weight`, transposed ? [input, out] : [out, input]), {
      transB: !transposed,
      ...(bias && { c: lowering.weight(`${module}.bias`, [out]) }),
    }),
  )
