import type { BatchPlacement } from '@weft/adapters'
import { encoderDecoderLayout, IGNORED, type ModelShape } from '@weft/model'
import type { Runtime } from '@weft/ort'
import type { BatchTensors } from './batch-tensors.ts'
import type { Bucket } from './batches.ts'

/**
 * What a session of an encoder-decoder reads of a batch: `input_ids [B,T]`, `decoder_input_ids [B,U]`, masks and position buckets as
 * `encoderDecoderForward` lists them, and `loss_index, targets, weights [M]`. Rows are padded on the right.
 */
export const encoderDecoderTensors = (
  ort: Runtime,
  { rows: B, length: T, targets: U = 1, lossRows: M }: Bucket,
  placement: BatchPlacement,
  { architecture, config, spec }: ModelShape,
): BatchTensors => {
  const S = placement.rows + T
  const total = placement.prefix + U
  const inputs = {
    input_ids: ort.tensor('int64', [B, T]),
    encoder_attention_bias: ort.tensor('float32', [B, 1, 1, S]),
    encoder_buckets: ort.tensor('int64', [1, S, S]),
    decoder_input_ids: ort.tensor('int64', [B, U]),
    attention_bias: ort.tensor('float32', [B, 1, U, total]),
    decoder_buckets: ort.tensor('int64', [(placement.groups?.length ?? 1) > 1 ? B : 1, U, total]),
    loss_index: ort.tensor('int64', [M]),
    targets: ort.tensor('int64', [M]),
    weights: ort.tensor('float32', [M]),
  }
  const relative = architecture.encoderDecoder!.relativePositions(config)
  const { decoderStartTokenId } = spec.encoderDecoder!
  return {
    inputs,
    write({ rows }, factor) {
      const filled = Array.from({ length: B }, (_, b) =>
        b < rows.length
          ? {
              tokens: rows[b].tokens,
              answer: rows[b].targets!,
              labels: Int32Array.from(rows[b].targets!, (token, u) => (rows[b].weights[u] > 0 ? token : IGNORED)),
            }
          : { tokens: [0], labels: [IGNORED] },
      )
      const layout = encoderDecoderLayout({ placement, rows: filled, tokens: T, targets: U, relative, decoderStartTokenId, lossRows: M })
      inputs.input_ids.data.set(layout.inputIds)
      inputs.encoder_attention_bias.data.set(layout.encoderAttentionBias)
      inputs.encoder_buckets.data.set(layout.encoderBuckets)
      inputs.decoder_input_ids.data.set(layout.decoderInputIds)
      inputs.attention_bias.data.set(layout.attentionBias)
      inputs.decoder_buckets.data.set(layout.decoderBuckets)
      inputs.loss_index.data.set(layout.lossIndex)
      inputs.targets.data.set(layout.lossTargets)
      // The layout lists learned tokens row by row, in order; so are their weights.
      inputs.weights.data.fill(0)
      for (const [i, w] of rows.flatMap((row) => [...row.weights].filter((weight) => weight > 0)).entries()) inputs.weights.data[i] = w * factor
    },
  }
}
