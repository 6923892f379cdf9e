import type { SiteLowering } from '../../hooks/lowering.ts'

export const lowering: SiteLowering = { rows: (tensors) => tensors('rows') }
