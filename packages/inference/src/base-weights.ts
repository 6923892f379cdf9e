import type { LoadedModel } from '@weft/model'
import type { Runtime, Tensor, Weights } from '@weft/ort'

interface BaseWeightsOptions {
  /** Leaves the others out. */
  only?: (name: string) => boolean
  /** A tensor to take in the place of the checkpoint's; undefined reads it. */
  instead?: (name: string, shape: number[]) => Tensor | undefined
}

/** A model's frozen weights, widened to float32, in a store that sessions share. */
export const baseWeights = async (runtime: Runtime, model: LoadedModel, { only = () => true, instead }: BaseWeightsOptions = {}): Promise<Weights> => {
  const weights = runtime.weights()
  for (const name of model.weights.names.filter(only)) {
    const shape = model.weights.shape(name)
    const held = instead?.(name, shape)
    if (held) {
      weights.set(name, held)
      continue
    }
    const tensor = runtime.tensor('float32', shape)
    await model.weights.read(name, tensor.data)
    weights.set(name, tensor)
  }
  return weights
}
