import type { SiteLowering } from '../../hooks/lowering.ts'

export const lowering: SiteLowering = { prefix: (tensors) => tensors('prefix'), keyBias: (tensors) => tensors('keyBias') }
