import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HubApiError, type ListFileEntry, listFiles } from '@huggingface/hub'
import { architectureOf } from '../architectures/architectures.ts'
import { isPickle } from '../checkpoint/pickle.ts'
import { readConfig } from '../config.ts'
import { hubNotFound, hubOffline, hubRefused, missingFile, pickledCheckpoint } from '../errors.ts'
import { fetchVerified, type RemoteFile } from './hub-transfer.ts'

export interface DownloadProgress {
  file: string
  /** Bytes of this download so far and in all, over every file; resumed and cached bytes count as done. */
  done: number
  total: number
}

export interface DownloadOptions {
  cacheDir: string
  /** Branch, tag or commit. */
  revision?: string
  onProgress?: (progress: DownloadProgress) => void
  /** Default `HF_ENDPOINT`, else huggingface.co. */
  endpoint?: string
  /** Default `HF_TOKEN`. */
  accessToken?: string
  /** How often a transfer may break off without a byte of progress before it is given up. */
  attempts?: number
}

const SMALL = new Set([
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'model.safetensors.index.json',
])
const TEMPLATE = /^additional_chat_templates\/[^/]+\.jinja$/
const WEIGHTS = /^model(-\d+-of-\d+)?\.safetensors$/
/** What has been verified, `{ files: { path: digest }, complete }`. */
const MARKER = '.download.json'

/**
 * Fetches a model of the Hugging Face hub into `<cacheDir>/<org>--<name>/<revision>` and returns that folder. Files that are
 * there and unchanged are kept, broken transfers go on where they stopped, and every file is checked against the hub's digest.
 * Without network, a complete earlier copy serves. Errors: `hub_offline`, `hub_not_found`, `hub_refused`, `hub_broken`, `hub_corrupt`.
 */
export async function downloadModel(name: string, options: DownloadOptions): Promise<string> {
  const endpoint = (options.endpoint ?? process.env.HF_ENDPOINT ?? 'https://huggingface.co').replace(/\/$/, '')
  const accessToken = options.accessToken ?? process.env.HF_TOKEN
  const { revision = 'main', cacheDir } = options
  const folder = join(cacheDir, name.replace('/', '--'), revision.replaceAll('/', '--'))
  const remote = { name, revision, endpoint, accessToken }

  const listed: ListFileEntry[] = []
  try {
    for await (const entry of listFiles({ repo: { type: 'model', name }, revision, hubUrl: endpoint, accessToken })) listed.push(entry)
  } catch (cause) {
    if (!(cause instanceof HubApiError)) {
      if ((await readMarker(folder)).complete) return folder
      throw hubOffline(endpoint, name, cause)
    }
    // The hub answers 401 for what does not exist, too, unless a token is sent.
    if (cause.statusCode === 404 || (cause.statusCode === 401 && !accessToken)) throw hubNotFound(endpoint, name, revision)
    throw hubRefused(endpoint, name, cause.statusCode, cause)
  }

  const files = wanted(listed).map(
    ({ path, size, oid, lfs }): RemoteFile => ({
      path,
      size: lfs?.size ?? size,
      digest: lfs ? { kind: 'sha256', value: lfs.oid } : { kind: 'git', value: oid ?? '' },
    }),
  )
  if (!files.some(({ path }) => path === 'config.json')) throw missingFile(`${endpoint}/${name}`, 'config.json')
  const pickle = listed.find(({ path }) => isPickle(path))
  if (!files.some(({ path }) => WEIGHTS.test(path)))
    throw pickle ? pickledCheckpoint(`${endpoint}/${name}/${pickle.path}`) : missingFile(`${endpoint}/${name}`, 'model.safetensors')
  await mkdir(folder, { recursive: true })

  const held = (await readMarker(folder)).files
  const verified: Record<string, string> = {}
  const total = files.reduce((bytes, { size }) => bytes + size, 0)
  let before = 0
  for (const file of files) {
    const target = join(folder, file.path)
    const kept = held[file.path] === file.digest.value && (await stat(target).catch(() => null))?.size === file.size
    if (!kept) {
      await fetchVerified(remote, file, target, {
        attempts: options.attempts ?? 5,
        onBytes: (bytes) => options.onProgress?.({ file: file.path, done: before + bytes, total }),
      })
    }
    before += file.size
    verified[file.path] = file.digest.value
    await writeMarker(folder, { files: { ...held, ...verified }, complete: false })
    options.onProgress?.({ file: file.path, done: before, total })
    // Refused before its weights are fetched.
    if (file.path === 'config.json') architectureOf(await readConfig(target))
  }
  // What is no longer on the hub would be read in the place of what is: a single checkpoint before its shards, a template before the config's.
  for (const path of Object.keys(held)) if (!Object.hasOwn(verified, path)) await rm(join(folder, path), { force: true })
  await writeMarker(folder, { files: verified, complete: true })
  return folder
}

interface Marker {
  files: Record<string, string>
  complete: boolean
}

const readMarker = (folder: string): Promise<Marker> =>
  readFile(join(folder, MARKER), 'utf8')
    .then(JSON.parse)
    .catch(() => ({ files: {}, complete: false }))

const writeMarker = (folder: string, marker: Marker): Promise<void> => writeFile(join(folder, MARKER), JSON.stringify(marker))

/** The files that loading reads, the config first and weights last. A single checkpoint is preferred to its shards. */
function wanted(listed: ListFileEntry[]): ListFileEntry[] {
  const single = listed.some(({ path }) => path === 'model.safetensors')
  const rank = (path: string): number => (path === 'config.json' ? 0 : SMALL.has(path) || TEMPLATE.test(path) ? 1 : 2)
  return listed
    .filter(({ type, path }) => type === 'file' && (SMALL.has(path) || TEMPLATE.test(path) || (single ? path === 'model.safetensors' : WEIGHTS.test(path))))
    .filter(({ path }) => !(single && path === 'model.safetensors.index.json'))
    .sort((a, b) => rank(a.path) - rank(b.path) || (a.path < b.path ? -1 : 1))
}
