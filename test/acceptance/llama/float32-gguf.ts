import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { FileWeights } from '@weft/model/checkpoint/weights'
import { readGguf } from '@weft/model/gguf/gguf-file'

/** GGUF's own default: where a tensor may begin. */
const ALIGNMENT = 32
const F32 = 0

/**
 * Writes a GGUF of one file again with every tensor in float32: the numbers that its blocks stand for. llama.cpp rounds activations before it multiplies them
 * by blocks, and multiplies float32 as it is. Metadata and the table of tensors keep their bytes; only types and places change.
 */
export async function writeFloat32Gguf(file: string, into: string): Promise<void> {
  const { tensors } = await readGguf(file)
  const weights = new FileWeights(tensors)
  const start = Math.min(...[...tensors.values()].map(({ offset }) => offset))
  const tables = Buffer.alloc(start)
  const source = openSync(file, 'r')
  readSync(source, tables, 0, start, 0)
  closeSync(source)
  const target = openSync(into, 'wx')
  try {
    let offset = 0
    for (const [name, { shape }] of tensors) {
      // A row of the table: the name behind its length, the number of axes, their sizes, the type, the place.
      const head = Buffer.alloc(8 + Buffer.byteLength(name))
      head.writeBigUInt64LE(BigInt(Buffer.byteLength(name)))
      head.write(name, 8)
      const row = tables.lastIndexOf(head)
      if (row < 0) throw new Error(`${name} is not in the table of ${file}`)
      const type = row + head.length + 4 + 8 * tables.readUInt32LE(row + head.length)
      tables.writeUInt32LE(F32, type)
      tables.writeBigUInt64LE(BigInt(offset), type + 4)
      const values = await weights.read(name)
      if (values.length !== shape.reduce((count, size) => count * size, 1)) throw new Error(`${name} has ${values.length} values`)
      writeSync(target, new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 0, values.byteLength, start + offset)
      offset = Math.ceil((offset + values.byteLength) / ALIGNMENT) * ALIGNMENT
    }
    writeSync(target, tables, 0, start, 0)
  } finally {
    closeSync(target)
  }
}
