/** Graphs as ONNX models. */
export { OnnxError } from './errors.ts'
export type { ExternalLocation } from './initializers.ts'
export { encodeModel, type EncodeOptions } from './model.ts'
