import type { FloatTensor, Site } from '@weft/adapters'

/** `<module>.shift [in]`. */
export const inputs: Site['inputs'] = (state, { modules }) =>
  Object.entries(state).map(([name, tensor]) => ({ name, shape: [modules[name.slice(0, -'.shift'.length)][1]], neutral: 0, tensor: tensor as FloatTensor }))
