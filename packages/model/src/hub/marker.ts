import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const MARKER = '.download.json'

/** What of a folder was fetched from the hub, and verified: digests by path. */
export interface Marker {
  files: Record<string, string>
  /** Whether that is all that was to be fetched. */
  complete: boolean
}

/** Empty for a folder without one. */
export function readMarker(folder: string): Marker {
  try {
    return JSON.parse(readFileSync(join(folder, MARKER), 'utf8')) as Marker
  } catch {
    return { files: {}, complete: false }
  }
}

/** Beside it first: on a disk that is full it would be emptied, and all be fetched again. */
export async function writeMarker(folder: string, marker: Marker): Promise<void> {
  const file = join(folder, MARKER)
  await writeFile(`${file}.new`, JSON.stringify(marker))
  await rename(`${file}.new`, file)
}

export const isMarker = (name: string): boolean => name === MARKER || name === `${MARKER}.new`
