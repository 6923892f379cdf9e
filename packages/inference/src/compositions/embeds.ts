import type { TokenEmbedding } from '@weft/model'

/** What is fed to the model at consecutive positions: token embeddings or trained rows, it cannot tell them apart. */
export interface Embeds {
  readonly length: number
  /** Writes rows `from` to `to` (exclusive) into `into` `[to - from, H]`. */
  write(into: Float32Array, from: number, to: number): void
}

/** Tokens, by their embeddings. */
export function tokenEmbeds(ids: readonly number[], embedding: TokenEmbedding): Embeds {
  return {
    length: ids.length,
    write(into, from, to) {
      for (let i = from; i < to; i++) embedding.write(ids[i], into, i - from)
    },
  }
}

/** Rows `[P, H]` as they are. */
export function rowEmbeds(rows: Float32Array, hiddenSize: number): Embeds {
  return {
    length: rows.length / hiddenSize,
    write: (into, from, to) => into.set(rows.subarray(from * hiddenSize, to * hiddenSize)),
  }
}
