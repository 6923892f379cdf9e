import type { ModelShape } from '../architectures/architecture.ts'
import { int4, int4Symmetric, int8 } from './block-storage.ts'
import { bfloat16, float16, float32 } from './float-storage.ts'
import { integers } from './integer-storage.ts'
import { float32Precision, isQuantized } from './precision.ts'
import type { FrozenWeight, WeightStorage } from './weight-storage.ts'

const floats = { float32, float16, bfloat16 }

/**
 * How a weight of the model is held, by its checkpoint name. Quantized are the matrices that products read: linear layers, and the token embedding and
 * the head. With `int4`, 8 bits are kept by the embedding, the head, and what feeds straight into the residual stream's values (`value`, `down`): with
 * them in 4 bits too, the perplexity of a 135M model grows by twice as much. Norms, biases and tables of positions are numbers.
 */
export function storageOf(model: ModelShape, name: string): WeightStorage {
  const { weights, compute, products, smoothing } = model.precision ?? float32Precision
  if (products === 'integer') return isLinear(model, name) ? integers(smoothing?.get(name)) : floats[compute]
  if (weights !== 'int8' && weights !== 'int4') return floats[compute]
  const { architecture, config, spec } = model
  if (name === architecture.embedding(config) || name === architecture.outputProjection(config)) return int8
  const module = name.endsWith('.weight') ? name.slice(0, -'.weight'.length) : ''
  if (!(module in spec.modules)) return floats[compute]
  if (weights === 'int8') return int8
  const stored = model.stored?.[name]
  return (stored === undefined ? undefined : asStored[stored]) ?? (isSensitive(model, module) ? int8 : int4)
}

/** What a quantized checkpoint has done is kept, where 4 bits are asked for: no number is rounded again but those of more than 4 bits, to 8. */
const asStored: Readonly<Record<string, WeightStorage | undefined>> = {
  Q4_0: int4Symmetric,
  Q4_1: int4,
  Q4_K: int4,
  Q5_0: int8,
  Q5_1: int8,
  Q5_K: int8,
  Q6_K: int8,
  Q8_0: int8,
}

/** A linear layer within the model: neither the embedding nor the head, whose gradient has one large entry a row and thousands of tiny ones that 8 bits lose. */
const isLinear = ({ architecture, config, spec }: ModelShape, name: string): boolean =>
  name !== architecture.embedding(config) &&
  name !== architecture.outputProjection(config) &&
  name.replace(/\.weight$/, '') in spec.modules &&
  name.endsWith('.weight')

const isSensitive = ({ spec: { roles } }: ModelShape, module: string): boolean =>
  [roles?.attention.value, roles?.feedForward?.down].some((role) => role !== undefined && module.endsWith(`.${role}`))

/** A weight by its checkpoint name. */
export const frozenWeight = ({ architecture, spec }: ModelShape, name: string): FrozenWeight => {
  const module = name.replace(/\.weight$/, '')
  return { name, shape: spec.weights[name], ...(architecture.linearsTransposed && module in spec.modules && { transposed: true }) }
}

/** Weights that lie one below the other, so that one product does the work of several: those that read the same rows, in one storage. */
export function joinedWeights(model: ModelShape): (FrozenWeight & { parts: readonly FrozenWeight[] })[] {
  const groups = model.precision && isQuantized(model.precision) ? (model.architecture.sharedInputs?.(model.config) ?? []) : []
  return groups.flatMap((modules) => {
    const parts = modules.map((module) => frozenWeight(model, `${module}.weight`))
    const storages = new Set(parts.map(({ name }) => storageOf(model, name)))
    if (storages.size > 1 || ![...storages][0].joins || parts.some(({ transposed }) => transposed)) return []
    return [{ name: parts.map(({ name }) => name).join('+'), shape: [parts.reduce((sum, { shape }) => sum + shape[0], 0), parts[0].shape[1]], parts }]
  })
}
