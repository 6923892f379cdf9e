/** Typed tensor graphs: building, shapes, printing, interpreting. */
export { GraphBuilder } from './builder.ts'
export { crossEntropyChunks, type CrossEntropyChunk } from './cross-entropy.ts'
export { divergenceChunks, type DivergenceChunk } from './divergence.ts'
export {
  addDims, broadcast, dimTerms, divDims, evaluateDim, formatShape, isStatic, mulDims, sameShape, sizeOf, subDims, type Dim, type Shape,
} from './dim.ts'
export {
  allocate, byteSize, elementCount, fromNumbers, isFloat, numbers, onnxDType, tensor, type DType, type TensorData, type TypedArray,
} from './dtype.ts'
export { GraphError } from './errors.ts'
export { narrowIndices } from './indices.ts'
export { interpret, type InterpretOptions, type Tensors } from './interpret.ts'
export { lower } from './lower.ts'
export type { OnnxAttribute, OnnxForm, OnnxOperand } from './op.ts'
export { ops, recordOf, type AttributesOf, type OpMethods, type OpName } from './ops/index.ts'
export { print } from './print.ts'
export type { Attributes, Graph, Node, Operand, TensorType, Value } from './value.ts'
