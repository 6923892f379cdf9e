import { closeSync, openSync, readSync } from 'node:fs'
import { blockType } from '../gguf/block-types.ts'
import type { TensorEntry } from './header.ts'
import { FileWeights } from './weights.ts'

/** What an architecture may ask of a checkpoint before its config is final. Names are those that the architecture knows. */
export interface StoredTensors {
  /** `BF16`, …; undefined for one that is not there. */
  dtypeOf(name: string): string | undefined
  /** Whether two tensors hold the same values; false where one is not there. */
  equal(a: string, b: string): boolean
  /** Whether the checkpoint itself spells a tensor so. */
  spelled(name: string): boolean
}

/** @param asSpelled the same tensors under the checkpoint's own names, where those are others */
export const storedTensors = (entries: ReadonlyMap<string, TensorEntry>, asSpelled = entries): StoredTensors => ({
  spelled: (name) => asSpelled.has(name),
  dtypeOf: (name) => entries.get(name)?.dtype,
  equal(a, b) {
    const [one, other] = [entries.get(a), entries.get(b)]
    if (!one || !other || String(one.shape) !== String(other.shape)) return false
    if (one.dtype === other.dtype) return sameBytes(one, other)
    if (!blockType(one.dtype) || !blockType(other.dtype)) return false
    const weights = new FileWeights(entries)
    const values = weights.readSync(b)
    return weights.readSync(a).every((value, i) => value === values[i])
  },
})

const CHUNK = 1 << 22

function sameBytes(a: TensorEntry, b: TensorEntry): boolean {
  const files = [openSync(a.file, 'r'), openSync(b.file, 'r')]
  try {
    const parts = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)]
    for (let from = 0; from < a.length; from += CHUNK) {
      const size = Math.min(CHUNK, a.length - from)
      const [one, other] = [a, b].map(({ offset }, i) => parts[i].subarray(0, readSync(files[i], parts[i], 0, size, offset + from)))
      if (!one.equals(other)) return false
    }
    return true
  } finally {
    for (const file of files) closeSync(file)
  }
}
