import { missingWeights, OrtError, wrongDtype, wrongShape } from '../errors.ts'
import type { Pointer } from '../native/api.ts'
import type { Native } from '../native/native.ts'
import type { Weights } from '../tensor/weights.ts'
import { FROM_SESSION, type Model, readInitializers } from './model.ts'

/** Which weights the graph optimizers see. */
export type ShownWeights = 'small' | 'all'

/** Bytes from which on a weight is large: norms and biases are what optimizers read, not the matrices of products. */
const LARGE = 64 * 1024

/** What the standard libraries of Linux, macOS and Windows, and ONNX Runtime itself, say of a place that should be a file with a weight's data and is none. */
const noFile = /filesystem error|file_size|file size|open file|external data (path|size)/i

/** Whether a session was not made because an optimizer wanted to read a weight that was not shown to it. Shown all, the same session can be made. */
export const wantsAll = (error: unknown): boolean =>
  error instanceof OrtError && (error.code === 'ort_runtime_exception' || error.code === 'ort_fail') && noFile.test(error.message)

/**
 * Gives a session the weights of a store that its model declares.
 *
 * It takes two calls. AddInitializer makes kernels use our memory and share what they prepack, but the graph optimizers
 * do not see it and would read the model's own data. AddExternalInitializers shows them ours, but shares nothing alone,
 * and copies all of it until the session is made. So large weights are shown only on demand: an optimizer that wants one of
 * those left out finds no data, and the session is not made.
 * @throws OrtError `missing_weights`, `wrong_dtype`, `wrong_shape`
 */
export function addInitializers({ api }: Native, sessionOptions: Pointer, model: Model, weights: Weights | undefined, shown: ShownWeights) {
  void weights?.handle
  const declared = readInitializers(model)
  const missing = declared.filter(({ name, location }) => location === FROM_SESSION && !weights?.has(name))
  if (missing.length) throw missingWeights(missing.map(({ name }) => name))
  const external: { name: string; pointer: Pointer }[] = []
  for (const { name, dtype, shape, location } of declared) {
    const tensor = weights?.get(name)
    if (!tensor) continue
    if (tensor.dtype !== dtype) throw wrongDtype(name, dtype, tensor.dtype)
    if (tensor.shape.join() !== shape.join()) throw wrongShape(name, shape, tensor.shape)
    const { pointer } = tensor.handle
    api.AddInitializer(sessionOptions, name, pointer)
    const hidden = shown === 'small' && location === FROM_SESSION && tensor.memory !== undefined && tensor.memory.byteLength >= LARGE
    if (location !== undefined && !hidden) external.push({ name, pointer })
  }
  const pointers = BigUint64Array.from(external, ({ pointer }) => pointer)
  if (external.length)
    api.AddExternalInitializers(
      sessionOptions,
      external.map(({ name }) => name),
      pointers,
      external.length,
    )
}
