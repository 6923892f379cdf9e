import type { FloatTensor } from '../../tensor.ts'
import type { Site } from '../site.ts'

/** Each replaced weight by its checkpoint name. */
export const inputs: Site['inputs'] = (state) =>
  Object.entries(state).map(([name, tensor]) => ({ name, shape: tensor.shape, neutral: 0, tensor: tensor as FloatTensor }))
