import type { Shape } from '@weft/graph'
import type { FloatTensor } from '../../tensor.ts'
import { splitName } from '../modules.ts'
import type { Site } from '../site.ts'

/** `<module>.a [R,in]`, `<module>.b [out,R]`, `<module>.bias [out]`; each module has a rank of its own. */
export const inputs: Site['inputs'] = (state, { modules }) =>
  Object.entries(state).map(([name, tensor]) => {
    const [module, part] = splitName(name)
    const [out, input] = modules[module]
    const shapes: Record<string, Shape> = { a: [`R.${module}`, input], b: [out, `R.${module}`], bias: [out] }
    return { name, shape: shapes[part], neutral: 0, tensor: tensor as FloatTensor, ...(part !== 'bias' && { transposedInSlots: true }) }
  })
