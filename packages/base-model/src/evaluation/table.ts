import type { CompressedBits } from './compressors.ts'

/** What a corpus' held-out part came to. Bits are for all of it. */
export interface Measured {
  corpus: string
  bytes: number
  tokens: number
  modelBits: number
  unigramBits: number
  compressed: CompressedBits
}

/** The table of the model card. */
export const markdownTable = (rows: readonly Measured[]): string =>
  [
    '| held-out part | bytes | tokens | perplexity per token | per byte | bits per byte | unigram: perplexity per token | bits per byte | brotli 11 | zstd 22 | zstd 22 after the train part |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map(
      ({ corpus, bytes, tokens, modelBits, unigramBits, compressed: { brotli, zstd, zstdAfterTrain } }) =>
        `| ${[
          corpus,
          bytes,
          tokens,
          (2 ** (modelBits / tokens)).toFixed(1),
          (2 ** (modelBits / bytes)).toFixed(2),
          `**${(modelBits / bytes).toFixed(3)}**`,
          (2 ** (unigramBits / tokens)).toFixed(0),
          ...[unigramBits, brotli, zstd, zstdAfterTrain].map((bits) => (bits / bytes).toFixed(3)),
        ].join(' | ')} |`,
    ),
  ].join('\n')

/** Puts the table between the card's marks. */
export const inserted = (card: string, table: string): string =>
  card.replace(/(<!-- measured -->\n)[\s\S]*?(<!-- \/measured -->)/, (_, open: string, close: string) => `${open}${table}\n${close}`)
