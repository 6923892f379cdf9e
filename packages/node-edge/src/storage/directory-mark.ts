import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectStorage } from '@weft/edge/host'
import { storageNotWritable } from '../errors.ts'
import { markKey, type StorageMark } from './own-storage.ts'
import { ifThere, partialSuffix, syncFolder, writeWhole } from './whole-file.ts'

/** A file at the root of a folder. Error `storage_not_writable`. @param parts what lies beside it */
export function directoryMark(folder: string, parts: readonly ObjectStorage[]): StorageMark {
  const place = join(folder, markKey)
  const read = async (): Promise<string | undefined> => (await ifThere(readFile(place, 'utf8')))?.trim()

  /** Under its name it is whole from the first moment, and only the first gets that: a start that is killed leaves no half of one. */
  async function write(id: string): Promise<string> {
    const partial = `${place}.${randomUUID()}${partialSuffix}`
    const content = new TextEncoder().encode(`${id}\n`)
    await writeWhole(partial, [content], content.byteLength)
    try {
      await link(partial, place)
    } catch (error) {
      // Not every file system has links.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rename(partial, place)
    }
    await rm(partial, { force: true })
    await syncFolder(folder)
    return (await read()) ?? ''
  }

  async function replace(text: string | undefined): Promise<void> {
    if (text === undefined) return rm(place, { force: true })
    const content = new TextEncoder().encode(`${text}\n`)
    await writeWhole(place, [content], content.byteLength)
  }

  const hasObjects = async (): Promise<boolean> => {
    for (const part of parts) if ((await part.list('')).length > 0) return true
    return false
  }
  const coded = async <T>(asked: Promise<T>): Promise<T> => {
    try {
      return await asked
    } catch (error) {
      throw storageNotWritable(folder, error)
    }
  }
  return {
    place,
    read: () => coded(read()),
    write: (id) => coded(write(id)),
    replace: (text) => coded(replace(text)),
    hasObjects: () => coded(hasObjects()),
  }
}
