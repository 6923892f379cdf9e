import type { OpCase } from '../op-case.ts'
import { attentionCases } from './attention.ts'
import { binaryCases } from './binary.ts'
import { indexingCases } from './indexing.ts'
import { integerLinearCases } from './integer-linear.ts'
import { linearAlgebraCases } from './linear-algebra.ts'
import { movementCases } from './movement.ts'
import { quantizedCases } from './quantized.ts'
import { reductionCases } from './reduction.ts'
import { selectCases } from './select.ts'
import { transformerCases } from './transformer.ts'
import { unaryCases } from './unary.ts'

/** Every op in use, by family. */
export const opFamilies: { readonly [family: string]: readonly OpCase[] } = {
  attention: attentionCases,
  binary: binaryCases,
  indexing: indexingCases,
  integerLinear: integerLinearCases,
  linearAlgebra: linearAlgebraCases,
  movement: movementCases,
  quantized: quantizedCases,
  reduction: reductionCases,
  select: selectCases,
  transformer: transformerCases,
  unary: unaryCases,
}
