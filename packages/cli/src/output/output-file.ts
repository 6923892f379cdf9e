import { createWriteStream, writeFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { fileUnwritable } from '../errors.ts'

/** Writes what was asked for into the file that was named for it. @throws CliError `file_unwritable` */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content)
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** The same piece by piece: what comes may be larger than memory. @throws CliError `file_unwritable` */
export async function writeOutputPieces(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const stream = createWriteStream(path)
  let failed: unknown
  stream.once('error', (error) => (failed = error))
  await pipeline(pieces, stream).catch((error: unknown) => {
    // What breaks off on the way here is no fault of the file.
    throw error === failed ? unwritable(path, error) : error
  })
}

const unwritable = (path: string, error: unknown): unknown =>
  typeof (error as NodeJS.ErrnoException).syscall === 'string' ? fileUnwritable(path, error as NodeJS.ErrnoException) : error
