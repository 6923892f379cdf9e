import { tensorShape } from '../../errors.ts'
import { type FloatTensor, floatTensor, type SiteState } from '../../tensor.ts'

/** The rows a state stands for, `trunk + A·B` `[P,H]`: accumulated in double precision over ranks in order, rounded once. */
export function branchRows({ trunk, a, b }: SiteState): FloatTensor {
  const [numRows, hiddenSize] = trunk.shape
  const rank = a.shape[1]
  if (b.shape[0] !== rank) throw tensorShape('promptDelta.b', [rank, hiddenSize], b.shape)
  const rows = new Float32Array(numRows * hiddenSize)
  for (let p = 0; p < numRows; p++) {
    for (let h = 0; h < hiddenSize; h++) {
      let sum = 0
      for (let r = 0; r < rank; r++) sum += a.data[p * rank + r] * b.data[r * hiddenSize + h]
      rows[p * hiddenSize + h] = trunk.data[p * hiddenSize + h] + sum
    }
  }
  return floatTensor([numRows, hiddenSize], rows)
}
