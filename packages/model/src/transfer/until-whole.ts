import { setTimeout as sleep } from 'node:timers/promises'
import { diskRefused, ModelError } from '../errors.ts'
import { sizeOf } from './partial-file.ts'

const LONGEST_WAIT_MS = 5_000
/** What no other try changes. Of sockets none of these is heard. */
const OF_THE_DISK = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'])

/** One transfer into a partial file. */
export interface Transfer {
  partial: string
  /** How often in a row it may break off without a byte of progress before it is given up. */
  attempts: number
  /** Goes on behind the bytes that are there. What it throws as a ModelError is said at once, and what the disk refuses; anything else is a connection that broke. */
  transfer(have: number): Promise<void>
  /** What is said in the end. */
  broken(have: number, cause: unknown): ModelError
}

/** Transfers until one comes through, with longer and longer waits while nothing arrives. @throws ModelError `disk_refused`, and what `transfer` and `broken` make */
export async function untilWhole({ partial, attempts, transfer, broken }: Transfer): Promise<void> {
  for (let failures = 0; ; ) {
    const before = await sizeOf(partial)
    try {
      return await transfer(before)
    } catch (cause) {
      if (cause instanceof ModelError) throw cause
      const have = await sizeOf(partial)
      if (isOfTheDisk(cause)) throw diskRefused(partial, have, cause)
      failures = have > before ? 0 : failures + 1
      if (failures >= attempts) throw broken(have, cause)
      await sleep(Math.min(LONGEST_WAIT_MS, 100 * 2 ** failures))
    }
  }
}

const isOfTheDisk = (cause: unknown): cause is NodeJS.ErrnoException => OF_THE_DISK.has((cause as NodeJS.ErrnoException).code ?? '')
