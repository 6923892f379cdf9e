import { bytesOf, type FloatTensor } from '@weft/adapters'

/** A value of a GGUF's metadata, and its type as the format numbers it. */
export interface MetadataValue {
  value: string | number | readonly number[]
  type: number
  /** Of a list's entries. */
  subType?: number
}

const UINT32 = 4
const INT32 = 5
const FLOAT32 = 6
const STRING = 8
const ARRAY = 9

export const text = (value: string): MetadataValue => ({ value, type: STRING })
export const int32 = (value: number): MetadataValue => ({ value, type: INT32 })
export const float32 = (value: number): MetadataValue => ({ value, type: FLOAT32 })
export const uint32s = (value: readonly number[]): MetadataValue => ({ value, type: ARRAY, subType: UINT32 })

/** GGUF's own default: where a tensor may begin. */
const ALIGNMENT = 32
/** ggml's number of the type. */
const F32 = 0

/**
 * A GGUF of version 3, little-endian, with tensors in F32 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Axes stand the other way round there:
 * `[out,in]` is written as in, out.
 */
export async function writeGguf(
  metadata: Readonly<Record<string, MetadataValue>>,
  tensors: ReadonlyMap<string, FloatTensor>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { serializeGgufMetadata } = await import('@huggingface/gguf')
  const head = serializeGgufMetadata(
    {
      version: { value: 3, type: UINT32 },
      tensor_count: { value: BigInt(tensors.size), type: 10 },
      kv_count: { value: BigInt(Object.keys(metadata).length), type: 10 },
      ...metadata,
    } as unknown as Parameters<typeof serializeGgufMetadata>[0], // whose types know architectures of models only
    { alignment: 1 }, // the tensors' table follows without a gap
  )
  let offset = 0
  const table = [...tensors].map(([name, { shape, data }]) => {
    const row = Buffer.alloc(8 + Buffer.byteLength(name) + 4 + 8 * shape.length + 4 + 8)
    let at = row.writeBigUInt64LE(BigInt(Buffer.byteLength(name)))
    at += row.write(name, at)
    at = row.writeUInt32LE(shape.length, at)
    for (const size of shape.toReversed()) at = row.writeBigUInt64LE(BigInt(size), at)
    at = row.writeUInt32LE(F32, at)
    row.writeBigUInt64LE(BigInt(offset), at)
    offset = aligned(offset + 4 * data.length)
    return row
  })
  return new Uint8Array(Buffer.concat([padded(Buffer.concat([head, ...table])), ...[...tensors.values()].map((tensor) => padded(bytesOf(tensor)))]))
}

const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT
const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes], aligned(bytes.length))
