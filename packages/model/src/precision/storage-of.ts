import type { ModelShape } from '../architectures/architecture.ts'
import { bfloat16, float16, float32 } from './float-storage.ts'
import { float32Precision } from './precision.ts'
import type { FrozenWeight, WeightStorage } from './weight-storage.ts'

const floats = { float32, float16, bfloat16 }

/** How a weight of the model is held, by its checkpoint name. */
export const storageOf = (model: ModelShape, _name: string): WeightStorage => floats[(model.precision ?? float32Precision).compute]

/** A weight by its checkpoint name. */
export const frozenWeight = ({ architecture, spec }: ModelShape, name: string): FrozenWeight => {
  const module = name.replace(/\.weight$/, '')
  return { name, shape: spec.weights[name], ...(architecture.linearsTransposed && module in spec.modules && { transposed: true }) }
}
