/** Graphs as ONNX models. */
export { OnnxError } from './errors.ts'
export type { ExternalLocation } from './initializers.ts'
export { type EncodeOptions, encodeModel, opset } from './model.ts'
