import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'

/** Bytes of what has arrived; 0 for a file that is not there. */
export const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0

/**
 * Writes what comes to the file's end, or in its place where it begins anew. Gives its size then.
 * @param from bytes that are there and stay; 0 begins anew
 */
export async function writeFrom(path: string, from: number, content: AsyncIterable<Uint8Array>, onBytes: (size: number) => void): Promise<number> {
  const handle = await open(path, from > 0 ? 'a' : 'w')
  let size = from
  try {
    for await (const piece of content) {
      // All of it: on a disk that is nearly full a write may take a part, and the next one would leave a gap.
      await handle.writeFile(piece)
      size += piece.length
      onBytes(size)
    }
  } finally {
    await handle.close()
  }
  return size
}

/** In hex, a piece at a time: weights are larger than memory. @param hash what it begins with, if not with nothing */
export async function digestOf(path: string, hash: Hash = createHash('sha256')): Promise<string> {
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer)
  return hash.digest('hex')
}
