import type { SiteLowering } from '../../hooks/lowering.ts'

export const lowering: SiteLowering = {
  head(tensors) {
    const [bias, weight, denseBias] = [tensors('bias'), tensors('dense.weight'), tensors('dense.bias')]
    return { weight: tensors('weight')!, ...(bias && { bias }), ...(weight && denseBias && { dense: { weight, bias: denseBias } }) }
  },
}
