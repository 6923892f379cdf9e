import { type SiteLowering, withVector } from '@weft/adapters/hooks'

export const lowering: SiteLowering = {
  linearInput: (g, { module, x }, tensors, slots) => {
    const shift = tensors(`${module}.shift`)
    return shift && withVector(g, x, shift, slots, (rows, by) => g.add(rows, by))
  },
}
