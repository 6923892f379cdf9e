import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { StoredContent } from '@weft/edge/host'
import { makeFolder } from '../make-folder.ts'

/** Of what is being written, and has no name yet. */
export const partialSuffix = '.partial'

/** How often what another removes meanwhile is tried: each time it takes another that does so. */
export const mostAttempts = 100

export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Undefined where the file is not there. */
export const ifThere = async <T>(read: Promise<T>): Promise<T | undefined> => {
  try {
    return await read
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** So that a name that was given is there after a power cut; not every system lets a folder be opened. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** Opens a new file. Its folder is made, and once more where somebody removed it between the two: who deletes the last file of one does that. */
async function create(file: string): Promise<FileHandle> {
  for (let attempt = 1; ; attempt++) {
    try {
      makeFolder(dirname(file), { mode: 0o700 })
      return await open(file, 'wx', 0o600)
    } catch (error) {
      if (!isMissing(error) || attempt === mostAttempts) throw error
    }
  }
}

/** What is written is on the disk before it has its name, and its owner's alone. @param length where it is known how many bytes are to come: others are refused */
export async function writeWhole(file: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, length?: number): Promise<StoredContent> {
  const partial = `${file}.${randomUUID()}${partialSuffix}`
  const hash = createHash('sha256')
  const handle = await create(partial)
  let bytes = 0
  try {
    for await (const piece of content) {
      hash.update(piece)
      await handle.writeFile(piece)
      bytes += piece.byteLength
    }
    if (length !== undefined && bytes !== length) throw new Error(`${bytes} bytes came where ${length} were announced`)
    await handle.sync()
    await handle.close()
    await rename(partial, file)
    await syncFolder(dirname(file))
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(partial, { force: true })
    throw error
  }
  return { bytes, digest: `sha256:${hash.digest('hex')}` }
}
