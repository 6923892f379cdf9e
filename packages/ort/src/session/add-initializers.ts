import { missingWeights, wrongDtype, wrongShape } from '../errors.ts'
import type { Pointer } from '../native/api.ts'
import type { Native } from '../native/native.ts'
import type { Weights } from '../tensor/weights.ts'
import { FROM_SESSION, type Model, readInitializers } from './model.ts'

/**
 * Gives a session the weights of a store that its model declares.
 *
 * It takes two calls. AddInitializer makes kernels use our memory and share what they prepack, but the graph optimizers
 * do not see it and would read the model's own data. AddExternalInitializers shows them ours, but shares nothing alone.
 * @throws OrtError `missing_weights`, `wrong_dtype`, `wrong_shape`
 */
export function addInitializers({ api }: Native, sessionOptions: Pointer, model: Model, weights: Weights | undefined) {
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
    if (location !== undefined) external.push({ name, pointer })
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
