import type { GraphEngine } from '@weft/training'
import { windowBatch } from '../pretraining/engine.ts'

/** Tokens that the model sees at most, and how far it moves on: every token is judged from at least half of that. */
export interface Windows {
  length: number
  stride: number
  rows: number
}

/**
 * Bits that the model spends on a stream, every token but the first judged exactly once: windows overlap, and of each
 * only what the one before had not reached counts.
 */
export const modelBits = async (
  engine: GraphEngine,
  stream: Uint16Array,
  { length, stride, rows }: Windows,
  onProgress: (share: number) => void,
): Promise<{ bits: number; tokens: number }> => {
  const starts: number[] = []
  for (let start = 0; start === 0 || start - stride + length < stream.length; start += stride) starts.push(Math.min(start, stream.length - length))
  let nats = 0
  let tokens = 0
  let judged = 1
  for (let at = 0; at < starts.length; at += rows) {
    const batch = starts.slice(at, at + rows)
    const fresh = batch.map((start) => {
      const from = judged - start
      judged = start + length
      return from
    })
    const { bucket, rows: windows } = windowBatch(Array.from({ length: rows }, (_, i) => stream.subarray(batch[i] ?? 0, (batch[i] ?? 0) + length)))
    const weighted = windows.map((row, i) => ({ ...row, weights: row.weights.map((_, t) => (i < batch.length && t >= fresh[i] ? 1 : 0)) }))
    const count = weighted.reduce((sum, { weights }) => sum + weights.reduce((a, b) => a + b, 0), 0)
    nats += await engine.loss({ bucket, rows: weighted, weight: count, tokens: count }, 1)
    tokens += count
    onProgress((at + batch.length) / starts.length)
  }
  return { bits: nats / Math.LN2, tokens }
}
