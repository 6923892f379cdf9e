import { elementBytes, type FloatDtype, isFloatDtype, widen } from '../checkpoint/widen.ts'
import { decodeQ4K, decodeQ5K, decodeQ6K } from './k-quants.ts'
import { decodeQ40, decodeQ41, decodeQ50, decodeQ51, decodeQ80 } from './legacy-quants.ts'

/** How a stored type becomes float32: blocks of `values` numbers in `bytes` bytes. */
export interface BlockType {
  values: number
  bytes: number
  /** Whole blocks → their values. */
  decode(bytes: Uint8Array, into: Float32Array): void
}

const float = (dtype: FloatDtype): BlockType => ({ values: 1, bytes: elementBytes(dtype), decode: (bytes, into) => widen(dtype, bytes, into) })

/** Block layouts of ggml (`ggml-common.h`, `ggml-quants.c`). */
const QUANTIZED: Readonly<Record<string, BlockType>> = {
  Q4_0: { values: 32, bytes: 18, decode: decodeQ40 },
  Q4_1: { values: 32, bytes: 20, decode: decodeQ41 },
  Q5_0: { values: 32, bytes: 22, decode: decodeQ50 },
  Q5_1: { values: 32, bytes: 24, decode: decodeQ51 },
  Q8_0: { values: 32, bytes: 34, decode: decodeQ80 },
  Q4_K: { values: 256, bytes: 144, decode: decodeQ4K },
  Q5_K: { values: 256, bytes: 176, decode: decodeQ5K },
  Q6_K: { values: 256, bytes: 210, decode: decodeQ6K },
}

const FLOATS: Readonly<Record<FloatDtype, BlockType>> = { F32: float('F32'), F16: float('F16'), BF16: float('BF16') }

/** What a tensor of a checkpoint may be stored as. */
export const readableTypes: readonly string[] = [...Object.keys(FLOATS), ...Object.keys(QUANTIZED)]

/** The layout of a stored type; undefined for one that is not read. */
export const blockType = (dtype: string): BlockType | undefined =>
  isFloatDtype(dtype) ? FLOATS[dtype] : Object.hasOwn(QUANTIZED, dtype) ? QUANTIZED[dtype] : undefined
