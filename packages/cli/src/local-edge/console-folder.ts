import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { consoleFiles } from '@weft/console'

/** Where a start finds the console's files: a copy of its own, since another start may build them anew. */
export const consoleFolder = (state: string): string => join(state, 'edge', 'console')

/** Builds the console where its sources changed, and copies it into the state folder. */
export const copyConsole = async (state: string, say: (line: string) => void): Promise<void> => {
  const built = await consoleFiles({ say })
  const folder = consoleFolder(state)
  rmSync(folder, { recursive: true, force: true })
  cpSync(built, folder, { recursive: true })
}
