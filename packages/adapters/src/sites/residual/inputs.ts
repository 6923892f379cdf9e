import type { Shape } from '@weft/graph'
import type { FloatTensor } from '../../tensor.ts'
import { splitName } from '../modules.ts'
import type { Site } from '../site.ts'

/** `<layer>.vector [H]`, `<layer>.a [R,H]`, `<layer>.b [H,R]`; each layer has a rank of its own. */
export const inputs: Site['inputs'] = (state, { hiddenSize: H }) =>
  Object.entries(state).map(([name, tensor]) => {
    const [layer, part] = splitName(name)
    const shapes: Record<string, Shape> = { vector: [H], a: [`R.${layer}`, H], b: [H, `R.${layer}`] }
    return { name, shape: shapes[part], neutral: 0, tensor: tensor as FloatTensor, ...(part !== 'vector' && { transposedInSlots: true }) }
  })
