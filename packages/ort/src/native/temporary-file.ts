import { randomUUID } from 'node:crypto'
import { closeSync, openSync, statfsSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** File systems whose files are memory themselves: tmpfs, ramfs. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6])

/** Folders for temporary files, the first on a disk: many systems keep /tmp in memory, and /var/tmp for what is large. */
const folderOnDisk = (): string | undefined => [tmpdir(), '/var/tmp'].find(isOnDisk)

function isOnDisk(folder: string): boolean {
  try {
    return !IN_MEMORY.has(statfsSync(folder).type)
  } catch {
    return false
  }
}

let folder: string | undefined | null = null

/** Gives `use` a file on a disk, readable by this user alone, that has no name any more; undefined where there is no such place. */
export function withTemporaryFile<T>(use: (fd: number) => T): T | undefined {
  if (folder === null) folder = folderOnDisk()
  if (folder === undefined) return undefined
  let fd: number
  try {
    const path = join(folder, `weft-${randomUUID()}`)
    fd = openSync(path, 'wx+', 0o600)
    unlinkSync(path)
  } catch {
    folder = undefined
    return undefined
  }
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}
