import { type Graph, GraphBuilder } from '@weft/graph'
import { frozenWeight, joinedWeights, type LoadedModel, type ModelWeights, storageOf, type TensorArrays, type WeightSource } from '@weft/model'
import { encodeModel } from '@weft/onnx'
import type { Device, Runtime, Session, Tensor, Weights } from '@weft/ort'
import { deviceTensor } from './device-tensor.ts'
import { sessionsOn } from './load-graph.ts'

interface BaseWeightsOptions {
  /** Leaves the others out. */
  only?: (name: string) => boolean
  /** Values to take in the place of the checkpoint's, by weight. */
  values?: ReadonlyMap<string, Float32Array>
  /** A store of the same model, whose tensors are taken where no values are given and its precision holds the weight in the same ones. */
  shared?: Weights
  /** Where they are to lie; sessions of that device share them there. Default the CPU, from which every session takes its own copy. */
  device?: Device
  /** Hears of each weight that lies there, how many do. */
  onWeight?: (weights: number, all: number) => void
}

/** Where weights lie for sessions of a device: on CUDA there, once. WebGPU's sessions each take a copy, since its buffers have no views. */
export const weightsOn = (device: Device): Device => (device === 'cuda' ? device : 'cpu')

/** A model's frozen weights as its precision holds them, in a store that sessions share. */
export const baseWeights = async (
  runtime: Runtime,
  model: LoadedModel,
  { only = () => true, values, shared, device = 'cpu', onWeight }: BaseWeightsOptions = {},
): Promise<Weights> => {
  const weights = runtime.weights()
  // Made by a session's allocator, and alive as long as any tensor of it.
  using place = device === 'cpu' ? undefined : await runtime.load(encodeModel(nothing()), { ...sessionsOn(device), device })
  const source = values ? withValues(model.weights, values) : model.weights
  const names = model.weights.names.filter(only)
  const together: LaidTogether[] = []
  // What is to lie on a device is in the host's memory for a moment only.
  const empty = (dtype: Tensor['dtype'], shape: readonly number[]): Tensor => (place ? runtime.tensor(dtype, shape) : runtime.mappedTensor(dtype, shape))
  for (const joined of joinedWeights(model)) {
    const takesAll = joined.parts.every(({ name }) => names.includes(name))
    const ofOthers = shared && !joined.parts.some(({ name }) => values?.has(name))
    if (takesAll && !ofOthers) together.push(...laidTogether(runtime, model, joined))
    else if (takesAll && shared)
      for (const [tensor, { shape }] of Object.entries(storageOf(model, joined.parts[0].name).tensors(joined)))
        weights.set(tensor, shared.get(tensor)!.reshape(shape))
  }
  const views = new Map(together.flatMap(({ parts }) => parts.map(({ tensor, view }) => [tensor, view])))
  for (const [i, name] of names.entries()) {
    onWeight?.(i, names.length)
    const storage = storageOf(model, name)
    const weight = frozenWeight(model, name)
    const types = Object.entries(storage.tensors(weight))
    const from = values?.has(name) ? undefined : shared
    const has = types.every(([tensor, { dtype }]) => from?.get(tensor)?.dtype === dtype)
    if (from && has && !views.has(types[0][0])) for (const [tensor, { shape }] of types) weights.set(tensor, from.get(tensor)!.reshape(shape))
    else {
      const made = types.map(([tensor, { dtype, shape }]): [string, Tensor] => [tensor, views.get(tensor) ?? empty(dtype, shape)])
      await storage.fill(weight, source, Object.fromEntries(made.map(([tensor, { data }]) => [tensor, data])) as TensorArrays)
      for (const [tensor, of] of made) {
        of.evict()
        // What lies together is moved together.
        weights.set(tensor, place && !views.has(tensor) ? await moved(place, of) : of)
      }
    }
  }
  for (const { tensor, whole, parts } of together) {
    weights.set(tensor, place ? await moved(place, whole) : whole)
    if (place) for (const part of parts) weights.set(part.tensor, weights.get(tensor)!.view(part.from, part.view.shape))
  }
  return weights
}

interface LaidTogether {
  tensor: string
  whole: Tensor
  /** Each weight's own, as a view from an element on. */
  parts: { tensor: string; view: Tensor; from: number }[]
}

/** One tensor of each kind for several weights, in the host's memory. */
function laidTogether(runtime: Runtime, model: LoadedModel, joined: ReturnType<typeof joinedWeights>[number]): LaidTogether[] {
  const storage = storageOf(model, joined.parts[0].name)
  return Object.entries(storage.tensors(joined)).map(([tensor, { dtype, shape }], kind) => {
    const whole = runtime.mappedTensor(dtype, shape)
    let from = 0
    const parts = joined.parts.map((part) => {
      const [name, { shape }] = Object.entries(storage.tensors(part))[kind]
      const view = whole.view(from, shape)
      const at = from
      from += view.size
      return { tensor: name, view, from: at }
    })
    return { tensor, whole, parts }
  })
}

/** A tensor's copy on a session's device; itself is given back. */
async function moved(place: Session, tensor: Tensor): Promise<Tensor> {
  const copy = await deviceTensor(place, tensor.dtype, tensor.shape)
  await copy.write(tensor.data as never)
  tensor.dispose()
  return copy
}

/** The least graph that there is, for a session's allocator. */
function nothing(): Graph {
  const g = new GraphBuilder('nothing')
  g.output('y', g.identity(g.input('x', 'float32', [1])))
  return g.build()
}

/** The same weights, some of them with other values. */
const withValues = (weights: ModelWeights, values: ReadonlyMap<string, Float32Array>): WeightSource => ({
  stored: async (name, only) => (values.has(name) ? undefined : weights.stored?.(name, only)),
  async read(name, into) {
    const given = values.get(name)
    if (!given) return weights.read(name, into)
    into?.set(given)
    return into ?? given
  },
})
