import { type FloatTensor, floatTensor } from '../../tensor.ts'
import { splitName } from '../modules.ts'
import type { Site, SiteInput } from '../site.ts'
import { invocationsOf } from './invocations.ts'

/** `<module>.a [R,in]`, `<module>.b [out,R]`, `<module>.of [I,R]`, and `gate [I]`, which every token has its own of. */
export const inputs: Site['inputs'] = ({ invocations: given, ...layers }, { modules }) => {
  const invocations = invocationsOf(given)
  const gate: SiteInput = { name: 'gate', shape: ['I'], neutral: 0, tensor: floatTensor([invocations.length]), perToken: true, invocations }
  return [
    gate,
    ...Object.entries(layers).map(([name, tensor]): SiteInput => {
      const [module, part] = splitName(name)
      const [out, input] = modules[module]
      // The ranks of plain additions to the same layer are others.
      const rank = `A.${module}`
      const shape = { a: [rank, input], b: [out, rank], of: ['I', rank] }[part]!
      return { name, shape, neutral: 0, tensor: tensor as FloatTensor, ...(part !== 'of' && { transposedInSlots: true }) }
    }),
  ]
}
