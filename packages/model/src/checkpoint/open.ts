import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { parseWith } from '../config.ts'
import { extraTensors, invalidCheckpoint, misshapedTensor, missingFile, missingTensors, pickledCheckpoint, unsupportedDtype } from '../errors.ts'
import { readHeader, type TensorEntry } from './header.ts'
import { isPickle } from './pickle.ts'
import { isFloatDtype } from './widen.ts'

const SINGLE = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'

const index = z.looseObject({ weight_map: z.record(z.string(), z.string()) })

/** Every tensor of a folder's checkpoint, single or sharded; reads headers only. */
export function readEntries(folder: string): Map<string, TensorEntry> {
  if (existsSync(join(folder, INDEX))) return readShards(folder)
  const single = join(folder, SINGLE)
  if (!existsSync(single)) {
    const pickle = readdirSync(folder).find(isPickle)
    throw pickle ? pickledCheckpoint(join(folder, pickle)) : missingFile(folder, `${SINGLE} (or ${INDEX})`)
  }
  return readHeader(single)
}

function readShards(folder: string): Map<string, TensorEntry> {
  const file = join(folder, INDEX)
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw invalidCheckpoint(file, 'not JSON.', cause)
  }
  const { weight_map: map } = parseWith(index, json, file)
  const shards = new Map<string, Map<string, TensorEntry>>()
  const tensors = new Map<string, TensorEntry>()
  for (const [name, shard] of Object.entries(map)) {
    if (shard !== shard.replace(/[/\\]/g, '')) throw invalidCheckpoint(file, `shard "${shard}" of ${name} is no plain file name.`)
    if (!shards.has(shard)) {
      if (!existsSync(join(folder, shard))) throw missingFile(folder, `${shard}, which ${INDEX} names`)
      shards.set(shard, readHeader(join(folder, shard)))
    }
    const found = shards.get(shard)!.get(name)
    if (!found) throw invalidCheckpoint(join(folder, shard), `it lacks ${name}, which ${INDEX} places there.`)
    tensors.set(name, found)
  }
  return tensors
}

/** Entries under the names that the architecture knows them by. One that stands under its own name already is not replaced. */
export function renamedEntries(entries: Map<string, TensorEntry>, canonical: (name: string) => string): Map<string, TensorEntry> {
  const renamed = new Map(entries)
  for (const [name, entry] of entries) {
    const known = canonical(name)
    if (known === name || entries.has(known)) continue
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
      if (!isFloatDtype(entry.dtype)) throw unsupportedDtype(name, entry.dtype)
      return [name, entry]
    }),
  )
}
