import type { Composed, FloatTensor } from '@weft/adapters'
import { type LoadedModel, noTokenizer, type TokenEmbedding, type VirtualTokens } from '@weft/model'

/** A composition as an encoder's graph takes it. */
export interface EncoderComposition {
  /** By site and name. */
  sites: Record<string, Record<string, FloatTensor>>
  virtual: VirtualTokens
  /** Positions taken. */
  position: number
}

/**
 * Rows and texts become one block of rows: without a cache there is nothing to compute ahead, and in both directions what stands in front
 * depends on what follows.
 */
export function encoderComposition(composed: Composed | null, { spec, tokenizer, name }: LoadedModel, embedding: TokenEmbedding): EncoderComposition {
  const { segments = [], sites: { weights: _, ...sites } = {}, longestPrefix = 0, prefixLengths } = composed ?? {}
  const H = spec.hiddenSize
  const parts = segments.map((segment) => {
    if (segment.kind === 'rows') return { rows: segment.rows.data, bias: segment.bias?.data ?? 0 }
    if (!tokenizer) throw noTokenizer(name)
    const ids = tokenizer.encode(segment.text, { addSpecialTokens: false })
    return { rows: embedding.rows(ids), bias: segment.bias ?? 0 }
  })
  const numRows = parts.reduce((sum, { rows }) => sum + rows.length / H, 0)
  const rows = new Float32Array(numRows * H)
  const rowBias = new Float32Array(numRows)
  let at = 0
  for (const part of parts) {
    const count = part.rows.length / H
    rows.set(part.rows, at * H)
    if (typeof part.bias === 'number') rowBias.fill(part.bias, at, at + count)
    else rowBias.set(part.bias, at)
    at += count
  }
  const { keyValue, ...others } = sites as Record<string, Record<string, FloatTensor>>
  const prefixLength = keyValue?.prefix.shape[3] ?? 0
  return {
    sites: {
      ...others,
      ...(numRows > 0 && { inputsEmbeds: { rows: { shape: [numRows, H], data: rows } } }),
      ...(keyValue && { keyValue: { prefix: keyValue.prefix } }),
    },
    virtual: {
      numRows,
      prefixLength,
      longestPrefix,
      ...(prefixLengths && { prefixLengths }),
      rowBias,
      ...(keyValue?.bias && { prefixBias: keyValue.bias.data }),
    },
    position: longestPrefix + numRows,
  }
}
