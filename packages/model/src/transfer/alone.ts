import { randomUUID } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Lies in a folder while something is fetched into it. */
export const LOCK = '.fetching'
const BEAT_MS = 5_000
/** Who has not touched it for so long is gone, wherever it ran. */
const GONE_MS = 60_000

interface Lock {
  id: string
  pid: number
  host: string
}

/**
 * Does what fetches into a folder while nobody else does so, in this process or another: two that write the end of one partial file make one that is neither's.
 * Who comes second waits, and finds what the first brought. A lock whose process is gone is taken over.
 * @param onWait told once, where there is somebody to wait for
 */
export async function alone<T>(folder: string, onWait: (() => void) | undefined, action: () => Promise<T>): Promise<T> {
  const file = join(folder, LOCK)
  const own: Lock = { id: randomUUID(), pid: process.pid, host: hostname() }
  for (let waited = false; !(await taken(folder, own)); waited = true) {
    const held = lockOf(folder)
    if (!held) await rm(file, { force: true })
    else if (!waited) onWait?.()
    if (held) await sleep(200)
  }
  const beat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), BEAT_MS)
  beat.unref()
  try {
    return await action()
  } finally {
    clearInterval(beat)
    if (readLock(file)?.id === own.id) await rm(file, { force: true })
  }
}

/** Whether something is being fetched into a folder at this moment. */
export const isBeingFetched = (folder: string): boolean => lockOf(folder) !== undefined

async function taken(folder: string, own: Lock): Promise<boolean> {
  try {
    // Each time: who was waited for may have failed, and have left nothing.
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, LOCK), JSON.stringify(own), { flag: 'wx' })
    return true
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code!)) return false
    throw error
  }
}

/** The lock of somebody who is there. One that says nothing is being written at this moment. */
function lockOf(folder: string): Lock | 'unwritten' | undefined {
  const file = join(folder, LOCK)
  const touched = statSync(file, { throwIfNoEntry: false })?.mtimeMs
  if (touched === undefined || Date.now() - touched > GONE_MS) return undefined
  const lock = readLock(file)
  if (!lock) return 'unwritten'
  return lock.host === hostname() && !isAlive(lock.pid) ? undefined : lock
}

function readLock(file: string): Lock | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Lock
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
