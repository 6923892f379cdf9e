import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { databaseBroken } from '../errors.ts'

const main = fileURLToPath(new URL('check-databases-main.ts', import.meta.url))

/** What lies in the databases, by the folder that Miniflare gives each kind, and whether a start can do without. */
const contents: readonly [folder: string, what: string, remedy: string][] = [
  ['d1', 'the names and versions of adapters, jobs and files', 'the stored bytes stay, but nothing names them any more'],
  ['r2', 'where the bytes of adapters, training files and checkpoints lie', 'those of one of the three are lost'],
  ['do', 'the progress and events of one training job', 'that job begins again, and its events are lost'],
  ['kv', 'a copy of the routes', 'nothing is lost: it is written again'],
  ['cache', 'a cache', 'nothing is lost'],
]

/**
 * Looks through every database of a state folder, before workerd opens any: a broken one fails later, in the middle of a request and in
 * words that explain less.
 * @throws CliError `database_broken`, which names the file, what is in it, and what to do
 */
export const checkDatabases = async (state: string): Promise<void> => {
  const folder = join(state, 'edge', 'v3')
  if (!existsSync(folder)) return
  // node:sqlite is a part of Node that some versions warn about, which nobody needs to see.
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', main, folder], { maxBuffer: 2 ** 26 })
  const [first] = JSON.parse(stdout) as [file: string, problem: string][]
  if (!first) return
  const [file, problem] = first
  const [, what, remedy] = contents.find(([folder]) => file.includes(`${sep}v3${sep}${folder}${sep}`)) ?? ['', 'data of the edge', 'what was in it is lost']
  throw databaseBroken(file, problem, what, remedy)
}
