import { type FrozenWeight, frozenWeight, type LoadedModel, storageOf, type TensorArrays } from '@weft/model'
import type { TokenRow } from '../data/token-row.ts'
import type { GraphHost } from '../graph/graph-host.ts'
import { inputRanges } from './input-ranges.ts'

/** How much of the spread of a layer's inputs its weights take over. */
const SHARE = 0.5
/** The least that an input is divided by, beside the mean: what these rows hardly show may be as large as the others in the next. */
const LEAST = 0.25

/**
 * A model that multiplies in integers, with the inputs of its layers made even as far as these rows show them to differ (SmoothQuant: Xiao et al. 2023,
 * https://arxiv.org/abs/2211.10438). Its weights are rounded anew, in place: no session that reads them may be open. It is a function of the model and
 * the rows alone, so that a run which goes on computes with the same numbers. Any other model is returned as it is.
 *
 * @param onLayer called before the layers that read the same rows are rounded; it may throw to stop
 */
export const smoothed = async (
  model: LoadedModel,
  rows: readonly Pick<TokenRow, 'tokens' | 'targets'>[],
  host: GraphHost,
  onLayer: (layers: number, all: number) => void = () => {},
): Promise<LoadedModel> => {
  if (model.precision?.products !== 'integer' || model.precision.smoothing) return model
  const smoothing = new Map<string, Float32Array>()
  const made = { ...model, precision: { ...model.precision, smoothing } }
  const ranges = await inputRanges(rows, model, host)
  for (const [i, { modules, largest }] of ranges.entries()) {
    onLayer(i, ranges.length)
    const weights = modules.map((module) => frozenWeight(model, `${module}.weight`))
    const values = new Map<string, Float32Array>()
    for (const { name } of weights) values.set(name, await model.weights.read(name))
    // Of all layers that read the same rows, so that they are rounded once.
    const multiplied = new Float32Array(largest.length)
    for (const weight of weights) raise(multiplied, values.get(weight.name)!, weight)
    const divided = evening(largest, multiplied)
    for (const weight of weights) {
      smoothing.set(weight.name, divided)
      const storage = storageOf(made, weight.name)
      const tensors = Object.keys(storage.tensors(weight)).map((name) => [name, host.weights.get(name)!] as const)
      const into = Object.fromEntries(tensors.map(([name, { data }]) => [name, data])) as TensorArrays
      await storage.fill(weight, { read: async (name) => values.get(name)! }, into)
      for (const [, tensor] of tensors) tensor.evict()
    }
  }
  return made
}

/** The largest magnitude that each input is multiplied by. */
function raise(into: Float32Array, values: Float32Array, { shape: [, columns], transposed }: FrozenWeight): void {
  for (let i = 0; i < values.length; i++) {
    const k = transposed ? Math.floor(i / columns) : i % columns
    into[k] = Math.max(into[k], Math.abs(values[i]))
  }
}

/** What inputs are divided by, `[K]`; ones where nothing is known. */
function evening(inputs: Float32Array, weights: Float32Array): Float32Array {
  const wanted = inputs.map((x, k) => (weights[k] > 0 ? x ** SHARE / weights[k] ** (1 - SHARE) : 0))
  const mean = wanted.reduce((sum, s) => sum + s, 0) / wanted.length
  return wanted.map((s) => (mean > 0 ? Math.max(s / mean, LEAST) : 1))
}
