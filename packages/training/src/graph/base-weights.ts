import type { LoadedModel } from '@weft/model'
import type { Runtime, Weights } from '@weft/ort'

/** Reads a model's frozen weights, widened to float32, into a store that sessions share. `only` leaves the others out. */
export const baseWeights = async (runtime: Runtime, model: LoadedModel, only?: (name: string) => boolean): Promise<Weights> => {
  const weights = runtime.weights()
  for (const name of model.weights.names) {
    if (only && !only(name)) continue
    const tensor = runtime.tensor('float32', model.weights.shape(name))
    await model.weights.read(name, tensor.data)
    weights.set(name, tensor)
  }
  return weights
}
