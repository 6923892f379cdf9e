import type { FloatTensor } from '../../tensor.ts'
import { splitName } from '../modules.ts'
import type { Site } from '../site.ts'

/** A factor that changes nothing. */
export const NEUTRAL = 1

/** `<module>.out [out]`, `<module>.in [in]`. */
export const inputs: Site['inputs'] = (state, { modules }) =>
  Object.entries(state).map(([name, tensor]) => {
    const [module, part] = splitName(name)
    const [out, input] = modules[module]
    return { name, shape: [part === 'out' ? out : input], neutral: NEUTRAL, tensor: tensor as FloatTensor }
  })
