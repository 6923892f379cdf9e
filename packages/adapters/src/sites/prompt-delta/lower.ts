import type { SiteLowering } from '../../hooks/lowering.ts'

export const lowering: SiteLowering = {
  inputs: (g, { trunk, a, b }) => ({ rows: g.add(trunk, g.matMul(a, b)) }),
  rows: (tensors) => tensors('rows'),
}
