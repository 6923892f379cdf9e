/** Typed tensor graphs: building, shapes, printing, interpreting. */
export { fromBfloat16, toBfloat16 } from './bfloat16.ts'
export { GraphBuilder } from './builder.ts'
export {
  addDims,
  broadcast,
  type Dim,
  dimTerms,
  divDims,
  evaluateDim,
  formatShape,
  isStatic,
  mulDims,
  type Shape,
  sameShape,
  sizeOf,
  subDims,
} from './dim.ts'
export {
  allocate,
  byteSize,
  type DType,
  elementCount,
  fromNumbers,
  isFloat,
  numbers,
  onnxDType,
  type TensorData,
  type TypedArray,
  tensor,
} from './dtype.ts'
export { GraphError } from './errors.ts'
export { type InterpretOptions, interpret, type Tensors } from './interpret.ts'
export { lower } from './lower.ts'
export type { OnnxAttribute, OnnxForm, OnnxOperand } from './op.ts'
export { type CrossEntropyChunk, crossEntropyChunks } from './ops/cross-entropy-chunks.ts'
export { type DivergenceChunk, divergenceChunks } from './ops/divergence-chunks.ts'
export { type AttributesOf, type OpMethods, type OpName, ops, recordOf } from './ops/index.ts'
export type { IntegerMatrix } from './ops/integer-linear.ts'
export { narrowIndices } from './ops/narrow-indices.ts'
export type { Blocks } from './ops/quantized.ts'
export { type ComputeInOptions, computeIn, type HalfPrecision } from './precision/compute-in.ts'
export { print } from './print.ts'
export type { Attributes, Graph, Node, Operand, TensorType, Value } from './value.ts'
