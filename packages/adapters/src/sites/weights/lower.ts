import type { SiteLowering } from '../../hooks/lowering.ts'

export const lowering: SiteLowering = { weight: (tensors, name) => tensors(name) }
