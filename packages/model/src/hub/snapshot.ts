import { existsSync } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ListFileEntry, listFiles } from '@huggingface/hub'
import { alone } from '../transfer/alone.ts'
import { hubOffline, hubSwitchedOff } from './errors.ts'
import { answered, HubAnswer, refusalOf } from './hub-answer.ts'
import { hubSettings } from './hub-settings.ts'
import { fetchVerified, type RemoteFile, startOf } from './hub-transfer.ts'
import { readMarker, writeMarker } from './marker.ts'
import type { Remote } from './remote.ts'

export interface DownloadProgress {
  file: string
  /** Bytes of this download so far and in all, over every file; resumed and cached bytes count as done. */
  done: number
  total: number
}

export interface DownloadOptions {
  cacheDir: string
  /** Branch, tag or commit. */
  revision?: string | undefined
  onProgress?: ((progress: DownloadProgress) => void) | undefined
  /** Told where the hub does not answer and an earlier copy serves. */
  onNote?: ((text: string) => void) | undefined
  /** Default `HF_ENDPOINT`, else huggingface.co. */
  endpoint?: string
  /** Default `HF_TOKEN`, else what `hf auth login` stored. */
  accessToken?: string | undefined
  /** How often a transfer may break off without a byte of progress before it is given up. */
  attempts?: number
}

/** Which files of a repository are fetched. */
export interface Choice {
  /** Folders that are listed beside the root, where they are there; `all` lists every one. */
  folders: readonly string[] | 'all'
  /** Paths of files, in the order in which they are fetched. What it throws ends the download. @param where the repository, as errors name it */
  choose: (paths: readonly string[], where: string) => readonly string[]
  /** Told of each file that is about to be fetched, anew or on from where it stopped. What it throws ends the download. @param start gives its first bytes, where they are to be had */
  before?: (file: { path: string; size: number }, start: (bytes: number) => Promise<Uint8Array | undefined>) => Promise<void>
  /** Told of each file that has arrived. What it throws ends the download. @param file where it lies */
  arrived?: (path: string, file: string) => Promise<void>
}

export interface Snapshot {
  folder: string
  /** Paths in it, in the order of the choice. */
  files: string[]
}

/**
 * Fetches files of a repository of the Hugging Face hub into `<cacheDir>/<org>--<name>/<revision>`. Files that are there and unchanged are kept, broken transfers go on where they stopped, and every file is checked against the hub's digest.
 * Of several who fetch the same at once one does it, and the others wait. Where the hub does not answer, a complete earlier copy serves. Errors: `hub_token_malformed`, `hub_offline`, `hub_not_found`, `hub_revision_not_found`, `hub_gated`, `hub_token_refused`,
 * `hub_file_gone`, `hub_refused`, `hub_broken`, `hub_corrupt`, `disk_refused`.
 */
export async function downloadSnapshot(name: string, choice: Choice, options: DownloadOptions): Promise<Snapshot> {
  const { offline, ...settings } = hubSettings(options)
  const { endpoint } = settings
  const { revision = 'main', cacheDir } = options
  const folder = join(cacheDir, name.replace('/', '--'), revision.replaceAll('/', '--'))
  const remote = { name, revision, ...settings }

  let listed: Map<string, RemoteFile>
  try {
    if (offline) throw new Error('HF_HUB_OFFLINE is set')
    listed = await filesOf(remote, choice.folders)
  } catch (cause) {
    const answer = cause instanceof HubAnswer ? cause : undefined
    if (!answer || answer.status >= 500) {
      const copy = wholeCopy(folder)
      if (copy) {
        const why = offline ? 'HF_HUB_OFFLINE is set' : `${endpoint} ${answer ? `answered ${answer.status}` : 'was not reached'}`
        options.onNote?.(`${why}; the copy of ${name} that was fetched before is taken.`)
        return copy
      }
    }
    throw answer ? refusalOf(remote, answer) : offline ? hubSwitchedOff(name, revision) : hubOffline(endpoint, name, cause)
  }

  const files = choice.choose([...listed.keys()], `${endpoint}/${name}`).map((path) => listed.get(path)!)
  return alone(
    folder,
    () => options.onNote?.(`${name} is being fetched by another process, which is waited for.`),
    () => fetchAll(remote, files, folder, choice, options),
  )
}

async function fetchAll(remote: Remote, files: readonly RemoteFile[], folder: string, choice: Choice, options: DownloadOptions): Promise<Snapshot> {
  const held = readMarker(folder).files
  const verified: Record<string, string> = {}
  const total = files.reduce((bytes, { size }) => bytes + size, 0)
  let before = 0
  for (const file of files) {
    const target = join(folder, file.path)
    const kept = held[file.path] === file.digest.value && (await stat(target).catch(() => null))?.size === file.size
    if (!kept) {
      await choice.before?.(file, (bytes) => startOf(remote, file, bytes))
      await mkdir(dirname(target), { recursive: true })
      await fetchVerified(remote, file, target, {
        attempts: options.attempts ?? 5,
        onBytes: (bytes) => options.onProgress?.({ file: file.path, done: before + bytes, total }),
      })
    }
    before += file.size
    verified[file.path] = file.digest.value
    await writeMarker(folder, { files: { ...held, ...verified }, complete: false })
    options.onProgress?.({ file: file.path, done: before, total })
    await choice.arrived?.(file.path, target)
  }
  // What is no longer on the hub would be read in the place of what is: a single checkpoint before its shards, a template before the config's.
  for (const path of Object.keys(held)) if (!Object.hasOwn(verified, path)) await rm(join(folder, path), { force: true })
  await writeMarker(folder, { files: verified, complete: true })
  return { folder, files: Object.keys(verified) }
}

const filesOf = async ({ name, revision, endpoint, accessToken }: Remote, folders: Choice['folders']) => {
  const found = new Map<string, RemoteFile>()
  const directories = new Set<string>()
  const list = async (path?: string): Promise<void> => {
    // A branch may be called feature/x: as huggingface_hub does, its slash is not one of the address.
    const place = { repo: { type: 'model' as const, name }, revision: encodeURIComponent(revision), hubUrl: endpoint, accessToken, fetch: answered }
    for await (const entry of listFiles({ ...place, recursive: folders === 'all', ...(path !== undefined && { path }) })) {
      if (entry.type === 'file') found.set(entry.path, remoteFile(entry))
      else directories.add(entry.path)
    }
  }
  await list()
  if (folders !== 'all') for (const path of folders) if (directories.has(path)) await list(path)
  return found
}

const remoteFile = ({ path, size, oid, lfs }: ListFileEntry): RemoteFile => ({
  path,
  size: lfs?.size ?? size,
  digest: lfs ? { kind: 'sha256', value: lfs.oid } : { kind: 'git', value: oid ?? '' },
})

/** What was fetched before, where all of it is there. */
const wholeCopy = (folder: string): Snapshot | undefined => {
  const { files, complete } = readMarker(folder)
  const paths = Object.keys(files)
  return complete && paths.every((path) => existsSync(join(folder, path))) ? { folder, files: paths } : undefined
}
