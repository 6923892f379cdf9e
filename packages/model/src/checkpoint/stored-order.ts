import type { TensorEntry } from './header.ts'

/**
 * The row of the file that holds row `row` of the weight. llama.cpp turns neighbours (0, 1), (2, 3), … of a head where Hugging Face turns
 * i and i + D/2, and stores queries and keys in its order: row h·D + 2i + j of the file is row h·D + j·D/2 + i of the weight.
 */
export function storedRow({ shape, interleavedHeads }: Pick<TensorEntry, 'shape' | 'interleavedHeads'>, row: number): number {
  if (!interleavedHeads) return row
  const size = shape[0] / interleavedHeads
  const half = size / 2
  const within = row % size
  return row - within + (within % half) * 2 + Math.floor(within / half)
}

/** A weight's values, from those of the file in the file's order; in place. */
export function asComputed(entry: TensorEntry, values: Float32Array): Float32Array {
  const { shape, interleavedHeads, plusOne } = entry
  if (interleavedHeads) {
    const columns = values.length / shape[0]
    const size = shape[0] / interleavedHeads
    for (let head = 0; head < interleavedHeads; head++) {
      const rows = values.subarray(head * size * columns, (head + 1) * size * columns)
      const stored = rows.slice()
      for (let row = 0; row < size; row++) {
        const from = storedRow(entry, row)
        rows.set(stored.subarray(from * columns, (from + 1) * columns), row * columns)
      }
    }
  }
  if (plusOne) for (let i = 0; i < values.length; i++) values[i] -= 1
  return values
}

/** A tensor's bytes with its rows in the weight's order, whatever their type. */
export function rowsAsComputed(entry: TensorEntry, bytes: Uint8Array): Uint8Array {
  if (!entry.interleavedHeads) return bytes
  const [count] = entry.shape
  const size = bytes.length / count
  const ordered = new Uint8Array(bytes.length)
  for (let row = 0; row < count; row++) {
    const from = storedRow(entry, row) * size
    ordered.set(bytes.subarray(from, from + size), row * size)
  }
  return ordered
}
