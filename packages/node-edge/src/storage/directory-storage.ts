import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { Readable } from 'node:stream'
import type { ObjectStorage, StoredObject } from '@weft/edge/host'
import { storageNotWritable } from '../errors.ts'
import { directoryMark } from './directory-mark.ts'
import type { OpenStorageOptions, OwnStorage } from './own-storage.ts'
import { sha256Of } from './sha256-of.ts'
import { ifThere, isMissing, mostAttempts, partialSuffix, writeWhole } from './whole-file.ts'

/** Beside a file whose digest was said when it was put, as `sha256sum` writes it. */
const digestSuffix = '.sha256'

/** A folder with three in it. Error `storage_not_writable`. */
export async function openDirectory(folder: string, { reads = false }: OpenStorageOptions = {}): Promise<OwnStorage> {
  try {
    const probe = directoryStorage(folder)
    if (!reads) {
      await probe.put('.writable', new Uint8Array())
      await probe.delete('.writable')
    }
  } catch (error) {
    throw storageNotWritable(folder, error)
  }
  const part = (name: string): ObjectStorage => directoryStorage(join(folder, name))
  const parts = { adapters: part('adapters'), files: part('files'), checkpoints: part('checkpoints') }
  return { ...parts, mark: directoryMark(folder, Object.values(parts)), removePartial: () => removePartial(folder) }
}

/** What a killed process was writing has no name yet, and never will. */
async function removePartial(folder: string): Promise<void> {
  try {
    for (const name of await namesIn(folder)) if (name.endsWith(partialSuffix)) await rm(join(folder, name), { force: true })
  } catch (error) {
    throw storageNotWritable(folder, error)
  }
}

/** Of all that lies in a folder, at any depth; none where it is not there. One within may be removed meanwhile: then they are read again. */
async function namesIn(folder: string): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readdir(folder, { recursive: true })
    } catch (error) {
      if (!isMissing(error)) throw error
      if (!(await ifThere(stat(folder)))) return []
      if (attempt === mostAttempts) throw error
    }
  }
}

/** Removes a folder within another where nothing is in it any more, and then those above it. */
async function removeEmpty(folder: string, within: string): Promise<void> {
  for (let each = folder; each.startsWith(`${within}${sep}`); each = dirname(each)) {
    try {
      await rmdir(each)
    } catch {
      // Something is in it, or has just been put there.
      return
    }
  }
}

/** One folder: an object is a file, found under its key. What is written is on the disk before it has its name, and its owner's alone. */
function directoryStorage(folder: string): ObjectStorage {
  // A colon is no part of a file's name everywhere.
  const path = (key: string): string => join(folder, ...key.split('/').map((part) => encodeURIComponent(part).replaceAll('%40', '@')))

  return {
    get: async (key) => ifThere(readFile(path(key))),
    async read(key, start, end) {
      const handle = await ifThere(open(path(key)))
      if (!handle) return undefined
      try {
        const bytes = new Uint8Array(end - start)
        let filled = 0
        for (let read = -1; filled < bytes.length && read !== 0; filled += read)
          ({ bytesRead: read } = await handle.read(bytes, filled, bytes.length - filled, start + filled))
        return bytes.subarray(0, filled)
      } finally {
        await handle.close()
      }
    },
    async stream(key, from) {
      const handle = await ifThere(open(path(key)))
      return handle && (Readable.toWeb(handle.createReadStream({ start: from })) as ReadableStream<Uint8Array>)
    },
    async head(key) {
      if (!(await ifThere(stat(path(key))))) return undefined
      const noted = await ifThere(readFile(path(key) + digestSuffix, 'utf8'))
      return { digest: noted === undefined ? undefined : `sha256:${noted.slice(0, 64)}` }
    },
    digest: (key) => ifThere(sha256Of(createReadStream(path(key)))),
    async put(key, bytes, digest) {
      const file = path(key)
      if (digest === undefined) return void (await writeWhole(file, [bytes], bytes.byteLength))
      const actual = await sha256Of(Readable.from([bytes]))
      if (actual !== digest) throw new Error(`the bytes of ${key} have the digest ${actual}, not ${digest}`)
      const note = new TextEncoder().encode(`${digest.replace('sha256:', '')}  ${file.slice(dirname(file).length + 1)}\n`)
      await writeWhole(file, [bytes], bytes.byteLength)
      await writeWhole(file + digestSuffix, [note], note.byteLength)
    },
    putStream: (key, content, length) => writeWhole(path(key), content, length),
    async delete(key) {
      await rm(path(key), { force: true })
      await rm(path(key) + digestSuffix, { force: true })
      await removeEmpty(dirname(path(key)), folder)
    },
    async list(prefix) {
      const names = await namesIn(folder)
      const found: StoredObject[] = []
      for (const name of names) {
        if (name.endsWith(digestSuffix) || name.endsWith(partialSuffix)) continue
        const id = name.split(/[\\/]/).map(decodeURIComponent).join('/')
        if (!id.startsWith(prefix)) continue
        const info = await ifThere(stat(join(folder, name)))
        if (info?.isFile()) found.push({ id, bytes: info.size, storedAt: Math.floor(info.mtimeMs / 1000) })
      }
      return found
    },
  }
}
