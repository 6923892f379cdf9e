import type { Rules } from '../rule.ts'
import { activation } from './activation.ts'
import { attention } from './attention.ts'
import { binary } from './binary.ts'
import { divergence } from './divergence.ts'
import { indexing } from './indexing.ts'
import { linearAlgebra } from './linear-algebra.ts'
import { loss } from './loss.ts'
import { movement } from './movement.ts'
import { normalization } from './normalization.ts'
import { quantized } from './quantized.ts'
import { reduction } from './reduction.ts'
import { rotary } from './rotary.ts'
import { select } from './select.ts'
import { unary } from './unary.ts'

/** The verdict on every op. An op without one does not compile here. */
export const rules: Rules = {
  ...activation,
  ...attention,
  ...binary,
  ...divergence,
  ...indexing,
  ...linearAlgebra,
  ...loss,
  ...movement,
  ...normalization,
  ...quantized,
  ...reduction,
  ...rotary,
  ...select,
  ...unary,
}
