import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { duplicateKey, isGitLfsPointer } from '@weft/adapters'
import { z } from 'zod'
import { parseWith } from '../config.ts'
import { extraTensors, gitLfsPointer, invalidCheckpoint, misshapedTensor, missingFile, missingTensors, pickledCheckpoint, unsupportedDtype } from '../errors.ts'
import { blockType } from '../gguf/block-types.ts'
import { readHeader, type TensorEntry } from './header.ts'
import { isPickle } from './pickle.ts'

const SINGLE = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'

const index = z.looseObject({ weight_map: z.record(z.string(), z.string()) })

/** Every tensor of a folder's checkpoint; reads headers only. A single file is preferred to shards, as transformers and the hub's download have it. */
export function readEntries(folder: string): Map<string, TensorEntry> {
  const single = join(folder, SINGLE)
  if (existsSync(single)) return readHeader(single)
  if (existsSync(join(folder, INDEX))) return readShards(folder)
  const pickle = readdirSync(folder).find(isPickle)
  throw pickle ? pickledCheckpoint(join(folder, pickle)) : missingFile(folder, `${SINGLE} (or ${INDEX})`)
}

/** All tensors of the shards that the index names, those too that it does not place: no reader may see less than another. */
function readShards(folder: string): Map<string, TensorEntry> {
  const file = join(folder, INDEX)
  const map = readIndex(file)
  const tensors = new Map<string, TensorEntry>()
  for (const shard of new Set(Object.values(map))) {
    if (!existsSync(join(folder, shard))) throw missingFile(folder, `${shard}, which ${INDEX} names`)
    for (const [name, entry] of readHeader(join(folder, shard))) {
      const other = tensors.get(name)
      if (other) throw invalidCheckpoint(join(folder, shard), `it holds ${name}, and so does ${basename(other.file)}.`)
      tensors.set(name, entry)
    }
  }
  for (const [name, shard] of Object.entries(map)) {
    if (tensors.get(name)?.file !== join(folder, shard)) throw invalidCheckpoint(join(folder, shard), `it lacks ${name}, which ${INDEX} places there.`)
  }
  return tensors
}

function readIndex(file: string): Record<string, string> {
  const bytes = readFileSync(file)
  if (isGitLfsPointer(bytes)) throw gitLfsPointer(file)
  const text = bytes.toString('utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw invalidCheckpoint(file, 'not JSON.', cause)
  }
  const twice = duplicateKey(text)
  if (twice !== undefined) throw invalidCheckpoint(file, `it names ${JSON.stringify(twice)} twice.`)
  const { weight_map: map } = parseWith(index, json, file)
  for (const [name, shard] of Object.entries(map)) {
    if (shard !== shard.replace(/[/\\]/g, '')) throw invalidCheckpoint(file, `shard "${shard}" of ${name} is no plain file name.`)
  }
  return map
}

/**
 * Entries under the names that the architecture knows them by. One that is there already, under its own name or from another, is not
 * replaced: the second keeps the name that it has.
 */
export function renamedEntries(entries: Map<string, TensorEntry>, canonical: (name: string) => string): Map<string, TensorEntry> {
  const renamed = new Map(entries)
  for (const [name, entry] of entries) {
    const known = canonical(name)
    if (known === name || renamed.has(known)) continue
    renamed.delete(name)
    renamed.set(known, entry)
  }
  return renamed
}

/** The entries that the model needs; throws `missing_tensors`, `extra_tensors`, `misshaped_tensor` or `unsupported_dtype`, each by name. */
export function checkedEntries(
  entries: Map<string, TensorEntry>,
  expected: Record<string, readonly number[]>,
  ignored: (name: string) => boolean,
): Map<string, TensorEntry> {
  const missing = Object.keys(expected).filter((name) => !entries.has(name))
  if (missing.length) throw missingTensors(missing)
  const extra = [...entries.keys()].filter((name) => !(name in expected) && !ignored(name))
  if (extra.length) throw extraTensors(extra)
  return new Map(
    Object.entries(expected).map(([name, shape]) => {
      const entry = entries.get(name)!
      if (String(entry.shape) !== String(shape)) throw misshapedTensor(name, entry.shape, shape)
      if (!blockType(entry.dtype)) throw unsupportedDtype(name, entry.dtype)
      return [name, entry]
    }),
  )
}
