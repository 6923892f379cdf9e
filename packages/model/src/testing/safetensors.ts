import { writeFileSync } from 'node:fs'

export interface StoredTensor {
  dtype: string
  shape: number[]
  bytes: Uint8Array
}

/** Writes a safetensors file, tensors in the order given. */
export function writeSafetensors(file: string, tensors: Record<string, StoredTensor>): void {
  let offset = 0
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, (offset += bytes.length)] }
  }
  const text = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(file, Buffer.concat([prefix, text, ...Object.values(tensors).map(({ bytes }) => bytes)]))
}

export const float32 = (shape: number[], values: ArrayLike<number>): StoredTensor => ({
  dtype: 'F32',
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
})

/** `bits` are the 16-bit patterns. */
export const bits16 = (dtype: 'F16' | 'BF16', shape: number[], bits: ArrayLike<number>): StoredTensor => ({
  dtype,
  shape,
  bytes: new Uint8Array(Uint16Array.from(bits).buffer),
})
