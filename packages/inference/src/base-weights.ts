import { frozenWeight, joinedWeights, type LoadedModel, type ModelWeights, storageOf, type TensorArrays, type WeightSource } from '@weft/model'
import type { Runtime, Tensor, Weights } from '@weft/ort'

interface BaseWeightsOptions {
  /** Leaves the others out. */
  only?: (name: string) => boolean
  /** Values to take in the place of the checkpoint's, by weight. */
  values?: ReadonlyMap<string, Float32Array>
  /** A store of the same model, whose tensors are taken where no values are given and its precision holds the weight in the same ones. */
  shared?: Weights
}

/** A model's frozen weights as its precision holds them, in a store that sessions share. */
export const baseWeights = async (runtime: Runtime, model: LoadedModel, { only = () => true, values, shared }: BaseWeightsOptions = {}): Promise<Weights> => {
  const weights = runtime.weights()
  const source = values ? withValues(model.weights, values) : model.weights
  const names = model.weights.names.filter(only)
  const views = new Map<string, Tensor>()
  for (const joined of joinedWeights(model)) {
    const takesAll = joined.parts.every(({ name }) => names.includes(name))
    const ofOthers = shared && !joined.parts.some(({ name }) => values?.has(name))
    if (takesAll && !ofOthers) for (const [name, view] of laidTogether(runtime, weights, model, joined)) views.set(name, view)
    else if (takesAll && shared)
      for (const [tensor, { shape }] of Object.entries(storageOf(model, joined.parts[0].name).tensors(joined)))
        weights.set(tensor, shared.get(tensor)!.reshape(shape))
  }
  for (const name of names) {
    const storage = storageOf(model, name)
    const weight = frozenWeight(model, name)
    const types = Object.entries(storage.tensors(weight))
    const from = values?.has(name) ? undefined : shared
    const has = types.every(([tensor, { dtype }]) => from?.get(tensor)?.dtype === dtype)
    if (from && has && !views.has(types[0][0])) for (const [tensor, { shape }] of types) weights.set(tensor, from.get(tensor)!.reshape(shape))
    else {
      const made = types.map(([tensor, { dtype, shape }]): [string, Tensor] => [tensor, views.get(tensor) ?? runtime.tensor(dtype, shape)])
      for (const [tensor, of] of made) weights.set(tensor, of)
      await storage.fill(weight, source, Object.fromEntries(made.map(([tensor, { data }]) => [tensor, data])) as TensorArrays)
    }
  }
  return weights
}

/** One tensor of each kind for several weights, and each weight's own as a view of it. */
function laidTogether(runtime: Runtime, weights: Weights, model: LoadedModel, joined: ReturnType<typeof joinedWeights>[number]): [string, Tensor][] {
  const storage = storageOf(model, joined.parts[0].name)
  const whole = Object.entries(storage.tensors(joined)).map(([, { dtype, shape }]) => runtime.tensor(dtype, shape))
  Object.keys(storage.tensors(joined)).forEach((tensor, i) => void weights.set(tensor, whole[i]))
  const used = whole.map(() => 0)
  return joined.parts.flatMap((part) =>
    Object.entries(storage.tensors(part)).map(([tensor, { shape }], i): [string, Tensor] => {
      const view = whole[i].view(used[i], shape)
      used[i] += view.size
      return [tensor, view]
    }),
  )
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
