import { frozenWeight, type LoadedModel, type ModelWeights, storageOf, type TensorArrays, type WeightSource } from '@weft/model'
import type { Runtime, Tensor, Weights } from '@weft/ort'

interface BaseWeightsOptions {
  /** Leaves the others out. */
  only?: (name: string) => boolean
  /** Values to take in the place of the checkpoint's, by weight. */
  values?: ReadonlyMap<string, Float32Array>
  /** A store of the same model in the same precision, whose tensors are taken where no values are given. */
  shared?: Weights
}

/** A model's frozen weights as its precision holds them, in a store that sessions share. */
export const baseWeights = async (runtime: Runtime, model: LoadedModel, { only = () => true, values, shared }: BaseWeightsOptions = {}): Promise<Weights> => {
  const weights = runtime.weights()
  const source = values ? withValues(model.weights, values) : model.weights
  for (const name of model.weights.names.filter(only)) {
    const storage = storageOf(model, name)
    const weight = frozenWeight(model, name)
    const types = Object.entries(storage.tensors(weight))
    if (shared && !values?.has(name)) for (const [tensor, { shape }] of types) weights.set(tensor, shared.get(tensor)!.reshape(shape))
    else {
      const made = types.map(([tensor, { dtype, shape }]): [string, Tensor] => [tensor, runtime.tensor(dtype, shape)])
      for (const [tensor, of] of made) weights.set(tensor, of)
      await storage.fill(weight, source, Object.fromEntries(made.map(([tensor, { data }]) => [tensor, data])) as TensorArrays)
    }
  }
  return weights
}

/** The same weights, some of them with other values. */
const withValues = (weights: ModelWeights, values: ReadonlyMap<string, Float32Array>): WeightSource => ({
  stored: async (name) => (values.has(name) ? undefined : weights.stored?.(name)),
  async read(name, into) {
    const given = values.get(name)
    if (!given) return weights.read(name, into)
    into?.set(given)
    return into ?? given
  },
})
