import type { TensorData } from '@weft/graph'
import { type AttentionInputs, RELATIVE_BUCKETS } from './attention-inputs.ts'
import type { TrainingLayout } from './layout.ts'

/** A batch's layout as `trainingForward` asks for it: all of its inputs by name. */
export function forwardInputs(
  attention: AttentionInputs,
  { inputIds, positions, attentionBias, buckets, lastIndex }: TrainingLayout,
): Record<string, TensorData> {
  const B = lastIndex.length
  const S = positions.length / B
  return {
    input_ids: { dtype: 'int64', shape: [B, inputIds.length / B], data: inputIds },
    ...attention.positionValues(positions, B, S),
    ...(buckets && { [RELATIVE_BUCKETS]: { dtype: 'int64', shape: [B, S, buckets.length / (B * S)], data: buckets } }),
    ...Object.fromEntries(
      Object.entries(attentionBias).map(([name, data]): [string, TensorData] => [name, { dtype: 'float32', shape: [B, 1, S, data.length / (B * S)], data }]),
    ),
  }
}
