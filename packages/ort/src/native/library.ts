import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { libraryNotFound, libraryTooOld, libraryUnusable } from '../errors.ts'
import { koffi, type LibraryHandle } from './koffi.ts'
import { switchTelemetryOff } from './telemetry.ts'

/** The table asked for. It is append-only: a newer library answers for it, and no index in it ever changes. */
const API_VERSION = 24

export interface Library {
  path: string
  /** As `1.30.0`. */
  version: string
  /** Address of the table of function pointers (`OrtApi`). */
  table: bigint
  /** Gives freed memory back to the system where the C library would keep it (glibc); nothing elsewhere. */
  trim(): void
}

const names: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^libonnxruntime\.so/,
  darwin: /^libonnxruntime\..*dylib$/,
  win32: /^onnxruntime\.dll$/,
}

/** Where onnxruntime-node keeps the library of this platform. */
function bundled(): { folder: string; file: string | undefined } {
  let root: string
  try {
    root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  } catch {
    return { folder: 'the package onnxruntime-node', file: undefined }
  }
  const folder = join(root, 'bin', 'napi-v6', process.platform, process.arch)
  const pattern = names[process.platform]
  const file =
    existsSync(folder) && pattern
      ? readdirSync(folder)
          .filter((name) => pattern.test(name))
          .sort()[0]
      : undefined
  return { folder, file: file && join(folder, file) }
}

/** @throws OrtError `library_not_found` */
export function findLibrary(library = process.env.WEFT_ORT_LIBRARY): string {
  if (library) {
    if (!existsSync(library)) throw libraryNotFound([library])
    return library
  }
  const { folder, file } = bundled()
  if (!file) throw libraryNotFound([folder])
  return file
}

// Never unloaded: ONNX Runtime keeps process-wide state and threads that outlive every session.
const loaded = new Map<string, Library & { native: LibraryHandle }>()

/** @throws OrtError `library_unusable`, `library_too_old` */
export function loadLibrary(path: string): Library {
  const known = loaded.get(path)
  if (known) return known
  let native: LibraryHandle
  let base: bigint
  try {
    switchTelemetryOff()
    native = koffi.load(path)
    base = native.func('OrtGetApiBase', 'void *', [])()
  } catch (cause) {
    throw libraryUnusable(path, cause)
  }
  const [getApi, getVersion] = koffi.decode(base, koffi.array('void *', 2)) as [bigint, bigint]
  const version = koffi.decode(getVersion, koffi.proto('str', []))() as string
  // Asked first: GetApi writes to standard error when it has to refuse.
  const minor = Number(version.split('.')[1])
  const table =
    minor >= API_VERSION || !version.startsWith('1.') ? (koffi.decode(getApi, koffi.proto('void *', ['uint32_t']))(API_VERSION) as bigint | null) : null
  if (!table) throw libraryTooOld(path, version, API_VERSION)
  const library = { path, version, table, native, trim: mallocTrim() }
  loaded.set(path, library)
  return library
}

/**
 * While a session is made, every weight is rearranged into fresh memory and, when another session has it already, freed
 * again. glibc keeps such holes: the second session then looks as if it shared nothing.
 */
function mallocTrim(): () => void {
  try {
    const trim = koffi.load(null).func('malloc_trim', 'int', ['size_t'])
    return () => void trim(0)
  } catch {
    return () => {}
  }
}
