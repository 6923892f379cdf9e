import { brotliCompressSync, constants, zstdCompressSync } from 'node:zlib'

/** What general compressors make of the held-out text: bits, alone and after having read the train part. */
export interface CompressedBits {
  brotli: number
  zstd: number
  /** size(train + heldOut) − size(train), with a window over all of it. */
  zstdAfterTrain: number
}

/** All at their highest level and largest window. */
export const compressedBits = (train: Buffer, heldOut: Buffer): CompressedBits => {
  const brotli = (text: Buffer): number =>
    brotliCompressSync(text, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
    }).length * 8
  const zstd = (text: Buffer): number =>
    zstdCompressSync(text, {
      params: { [constants.ZSTD_c_compressionLevel]: 22, [constants.ZSTD_c_windowLog]: 27 },
    }).length * 8
  return { brotli: brotli(heldOut), zstd: zstd(heldOut), zstdAfterTrain: zstd(Buffer.concat([train, heldOut])) - zstd(train) }
}
