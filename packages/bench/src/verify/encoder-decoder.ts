import { type GraphEngine, type TokenBatch, type TokenRow, tokenBatch } from '@weft/training'
import type { Tensors } from './case.ts'
import { maxDifference } from './compare.ts'
import { endTokens, greedyToken } from './greedy.ts'
import type { PreparedCase } from './prepare.ts'
import { withTaskIds } from './task-ids.ts'

const answering = (tokens: ArrayLike<number>, targets: ArrayLike<number>): TokenRow => ({
  tokens: Uint32Array.from(tokens),
  targets: Uint32Array.from(targets),
  weights: new Float32Array(targets.length).fill(1),
  rowWeight: 1,
})

/** The case's batch without its padding: what the encoder reads, and labels up to the first that is ignored. */
export const encoderDecoderBatch = (expected: Tensors): TokenBatch => {
  const [B, T] = expected.shape('input_ids')
  const [, U] = expected.shape('labels')
  const [ids, mask, labels] = ['input_ids', 'attention_mask', 'labels'].map((name) => expected.integers(name))
  const rows = Array.from({ length: B }, (_, b) =>
    answering(
      ids.slice(b * T, (b + 1) * T).filter((__, t) => mask[b * T + t] === 1),
      labels.slice(b * U, (b + 1) * U).filter((label) => label !== -100),
    ),
  )
  return tokenBatch(withTaskIds(expected, rows), { rows: B, length: T, targets: U, lossRows: B * U })
}

/** Largest |Δ| of a logit at the decoder's positions that predict a label. */
export const answerDifference = async (engine: GraphEngine, batch: TokenBatch, expected: Tensors): Promise<number> => {
  const want = expected.floats('logits')
  const [, U, V] = expected.shape('logits')
  const { data } = await engine.allLogits(batch)
  if (data.length !== want.length) return Number.POSITIVE_INFINITY
  return Math.max(
    ...batch.rows.map(({ targets }, b) => {
      const [from, to] = [b * U * V, (b * U + targets!.length) * V]
      return maxDifference(data.subarray(from, to), want.subarray(from, to))
    }),
  )
}

/** Greedy tokens by decoding everything anew for each; what PEFT generated begins with the start token. */
export const greedyAnswerEqual = async (engine: GraphEngine, golden: Tensors, { model }: PreparedCase): Promise<boolean> => {
  const prompt = golden.integers('input_ids')
  const want = golden.integers('generated').slice(1)
  const V = model.spec.vocabSize
  const ends = endTokens(model.folder)
  for (const [u, next] of want.entries()) {
    // What stands at a position is fed to the next one only, so any token may stand at the last.
    const batch = tokenBatch(withTaskIds(golden, [answering(prompt, [...want.slice(0, u), 0])]), {
      rows: 1,
      length: prompt.length,
      targets: want.length,
      lossRows: want.length,
    })
    const { data } = await engine.allLogits(batch)
    const last = data.subarray(u * V, (u + 1) * V)
    if (greedyToken(last, want, ends) !== next) return false
  }
  return true
}
