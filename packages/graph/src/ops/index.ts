import type { OpRecord } from '../op.ts'
import type { Attributes } from '../value.ts'
import * as activation from './activation.ts'
import * as attention from './attention.ts'
import * as binary from './binary.ts'
import * as divergence from './divergence.ts'
import * as indexing from './indexing.ts'
import * as integerLinear from './integer-linear.ts'
import * as linearAlgebra from './linear-algebra.ts'
import * as loss from './loss.ts'
import * as movement from './movement.ts'
import * as normalization from './normalization.ts'
import * as quantized from './quantized.ts'
import * as reduction from './reduction.ts'
import * as rotary from './rotary.ts'
import * as select from './select.ts'
import * as unary from './unary.ts'

/** Every op: whatever a family exports is one, under its ONNX name. */
export const ops = {
  ...activation,
  ...attention,
  ...binary,
  ...divergence,
  ...indexing,
  ...integerLinear,
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

type Ops = typeof ops
export type OpName = keyof Ops

/** What `build` of an op is called with, as a method of the builder: `MatMul` → `matMul(a, b)`. */
export type OpMethods = { readonly [K in OpName as Uncapitalize<K>]: ReturnType<Ops[K]['build']> }

/** Type of an op's attributes. */
export type AttributesOf<K extends OpName> = Parameters<Ops[K]['infer']>[1]

/** A record whose attributes are not known statically. */
export const recordOf = (op: OpName): OpRecord<Attributes, unknown> => ops[op] as unknown as OpRecord<Attributes, unknown>
