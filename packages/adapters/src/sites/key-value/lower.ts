import type { SiteLowering } from '../../hooks/lowering.ts'

export const lowering: SiteLowering = {
  prefix: (tensors) => tensors('prefix'),
  keyBias(tensors, slots) {
    const own = tensors('keyBias')
    return own && slots?.some ? slots.some.spread(own) : own
  },
}
