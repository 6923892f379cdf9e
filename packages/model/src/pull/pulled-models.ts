import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { hubCopyBusy } from '../hub/errors.ts'
import { isMarker } from '../hub/marker.ts'
import { isBeingFetched, LOCK } from '../transfer/alone.ts'
import { filesBelow } from '../transfer/files-below.ts'

/** A model on this machine that has a name. */
export interface PulledModel {
  name: string
  /** What was pulled: a known name, a hub id, a URL or a file. */
  source: string
  /** Of the hub's, where one was asked for. */
  revision?: string | undefined
  /** The folder or GGUF that `loadModel` takes. */
  path: string
  bytes: number
  /** The base model's identity, as `LoadedModel.fingerprint`. */
  fingerprint: string
  pulledAt: string
}

const RECORD = 'pulled.json'
const schema = z.object({
  name: z.string(),
  source: z.string(),
  revision: z.optional(z.string()),
  path: z.string(),
  bytes: z.number(),
  fingerprint: z.string(),
  pulledAt: z.string(),
})

/** Where pulled models live: `WEFT_MODELS`, or the user's cache. */
const modelsFolder = (): string => process.env.WEFT_MODELS ?? join(homedir(), '.cache', 'weft', 'models')

/** The folder of one: the name, with slashes as the hub's cache spells them, and a GGUF's tag and a revision behind it. */
export const folderOfPulled = (name: string): string => join(modelsFolder(), name.replaceAll(/[/:@]/g, '--'))

/** Whether a model can be named so: what may be a path is none. */
export const isPulledName = (name: string): boolean => /^[\w-][\w.-]*(\/[\w-][\w.-]*)?(:[\w.-]+)?(@[\w.-]+)?$/.test(name)

/** What a hub id at a revision is called: the same id at another is another model. */
export const nameAt = (id: string, revision: string | undefined): string => (revision === undefined ? id : `${id}@${revision.replaceAll('/', '--')}`)

/** The model that was pulled under a name; undefined where there is none, or its file is gone. */
export function pulledModel(name: string): PulledModel | undefined {
  if (!isPulledName(name)) return undefined
  return readRecord(folderOfPulled(name))
}

/** All of them, by name. */
export function pulledModels(): PulledModel[] {
  const dir = modelsFolder()
  if (!existsSync(dir)) return []
  return readdirSync(dir)
    .sort()
    .map((folder) => readRecord(join(dir, folder)))
    .filter((model) => model !== undefined)
}

/** Deletes what was pulled under a name, and what arrived of a transfer that broke off. Bytes that were freed; undefined where there is nothing of that name. @throws ModelError `hub_copy_busy` */
export async function deletePulled(name: string): Promise<number | undefined> {
  const folder = folderOfPulled(name)
  if (!isPulledName(name) || !existsSync(folder)) return undefined
  // The folder of a name with a slash is named as another name could be.
  const record = readRecord(folder)
  if (record ? record.name !== name : !isUnfinished(folder)) return undefined
  if (isBeingFetched(folder)) throw hubCopyBusy(name)
  const bytes = bytesIn(folder)
  // The record first: what is half deleted is no model.
  await rm(join(folder, RECORD), { force: true })
  await rm(folder, { recursive: true, force: true })
  return bytes
}

/** What arrived of pulls that were not ended, by their folders' names, which delete them, too. */
export function unfinishedPulls(): { name: string; path: string; bytes: number }[] {
  const dir = modelsFolder()
  if (!existsSync(dir)) return []
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, path: join(dir, name) }))
    .filter(({ path }) => readRecord(path) === undefined && isUnfinished(path))
    .map(({ name, path }) => ({ name, path, bytes: bytesIn(path) }))
}

/** Whether a folder without a record bears the marks of a pull, and is not somebody else's. */
const isUnfinished = (folder: string): boolean =>
  filesBelow(folder)
    .map((file) => basename(file))
    .some((name) => [RECORD, LOCK].includes(name) || isMarker(name) || name.endsWith('.incomplete') || name.endsWith('.whl'))

/** Of all files below a folder. */
export const bytesIn = (folder: string): number => filesBelow(folder).reduce((sum, file) => sum + statSync(file).size, 0)

export async function writeRecord({ path, ...model }: PulledModel): Promise<void> {
  const folder = folderOfPulled(model.name)
  await mkdir(folder, { recursive: true })
  const file = join(folder, RECORD)
  // Relative, so that the folder can be moved.
  await writeFile(`${file}.${process.pid}`, JSON.stringify({ ...model, path: path.slice(folder.length + 1) }))
  await rename(`${file}.${process.pid}`, file)
}

function readRecord(folder: string): PulledModel | undefined {
  try {
    const record = schema.parse(JSON.parse(readFileSync(join(folder, RECORD), 'utf8')))
    const path = join(folder, record.path)
    return existsSync(path) ? { ...record, path } : undefined
  } catch {
    return undefined
  }
}
