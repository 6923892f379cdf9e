import { writeFileSync } from 'node:fs'

/** A tensor to write; its array says its type. */
export interface OutTensor {
  shape: readonly number[]
  data: Float32Array | Float16Array
}

/** Writes a safetensors file; tensors in the order of their names, so that equal values give equal files. */
export const writeSafetensors = (file: string, tensors: Record<string, OutTensor>, metadata: Record<string, string> = {}): void => {
  const names = Object.keys(tensors).sort()
  let offset = 0
  const entries = names.map((name) => {
    const { shape, data } = tensors[name]
    const start = offset
    offset += data.byteLength
    return [name, { dtype: data instanceof Float32Array ? 'F32' : 'F16', shape, data_offsets: [start, offset] }] as const
  })
  const header = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) })
  // The header is padded with blanks so that the tensors begin at a multiple of eight bytes.
  const head = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(head.length))
  writeFileSync(
    file,
    Buffer.concat([
      length,
      head,
      ...names.map((name) => {
        const { buffer, byteOffset, byteLength } = tensors[name].data
        return Buffer.from(buffer, byteOffset, byteLength)
      }),
    ]),
  )
}
