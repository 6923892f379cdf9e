import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isGitLfsPointer } from '@weft/adapters'
import { elementCount } from '@weft/graph'
import type { TensorEntry } from '../checkpoint/header.ts'
import { gitLfsPointer, invalidGguf, missingFile, missingGgufParts, truncatedGguf, unsupportedQuantization } from '../errors.ts'
import { blockType, readableTypes } from './block-types.ts'
import type { Metadata } from './metadata.ts'
import { tokenStrings } from './token-strings.ts'

/** A GGUF's key-value pairs, and its tensors under llama.cpp's names. */
export interface GgufFile {
  metadata: Metadata
  tensors: Map<string, TensorEntry>
}

/** Whether a file is to be read as GGUF: by its name, or by how it begins. */
export const isGguf = (file: string): boolean => file.toLowerCase().endsWith('.gguf') || startOf(file).toString('latin1', 0, 4) === 'GGUF'

/**
 * Reads the tables of a GGUF (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), and nothing of its tensors; of a split one, those of all its
 * parts. Throws `invalid_gguf`, `gguf_truncated`, `gguf_parts_missing`, `unsupported_quantization`, `git_lfs_pointer`.
 */
export async function readGguf(file: string): Promise<GgufFile> {
  const [first, ...others] = await Promise.all(partsOf(file).map(readPart))
  const tensors = new Map(first.tensors)
  for (const part of others) {
    for (const [name, entry] of part.tensors) {
      if (tensors.has(name)) throw invalidGguf(entry.file, `it holds ${name}, and so does ${basename(tensors.get(name)!.file)}.`)
      tensors.set(name, entry)
    }
  }
  const announced = Number(first.metadata['split.tensors.count'] ?? tensors.size)
  if (announced !== tensors.size) throw invalidGguf(file, `it announces ${announced} tensors, its parts hold ${tensors.size}.`)
  return { metadata: first.metadata, tensors }
}

const SPLIT = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i

/** The file names of all parts of a split model, the first first, whichever is named; the name alone of one that is whole. */
export function partNames(name: string): string[] {
  const [, stem, , total] = name.match(SPLIT) ?? []
  if (total === undefined) return [name]
  return Array.from({ length: Number(total) }, (_, i) => `${stem}-${String(i + 1).padStart(5, '0')}-of-${total}.gguf`)
}

/** The parts as they lie beside one another. Throws `gguf_parts_missing`. */
export function partsOf(file: string): string[] {
  const names = partNames(basename(file))
  if (names.length === 1 && names[0] === basename(file)) return [file]
  const parts = names.map((name) => join(dirname(file), name))
  const missing = parts.filter((part) => !existsSync(part))
  if (missing.length > 0 || parts.length === 0)
    throw missingGgufParts(
      missing.map((part) => basename(part)),
      parts.length,
    )
  return parts
}

async function readPart(file: string): Promise<GgufFile> {
  const start = startOf(file)
  if (isGitLfsPointer(start)) throw gitLfsPointer(file)
  if (start.toString('latin1', 0, 4) !== 'GGUF') throw invalidGguf(file, 'it is no GGUF: it does not begin as one.')
  if (isBigEndian(start)) throw invalidGguf(file, 'its numbers are big-endian. Take the little-endian file of the model.')
  const { gguf, GGMLQuantizationType } = await import('@huggingface/gguf')
  const { size } = statSync(file)
  const parsed = await gguf(file, { allowLocalFile: true }).catch((cause: Error) => {
    throw invalidGguf(file, `its tables cannot be read (${cause.message}): it is corrupt or cut short.`, cause)
  })
  const data = Number(parsed.tensorDataOffset)
  const tensors = new Map<string, TensorEntry>()
  let end = parsed.tensorInfos.length > 0 ? data : 0
  for (const { name, shape: reversed, dtype: id, offset } of parsed.tensorInfos) {
    if (tensors.has(name)) throw data > size ? truncatedGguf(file, data, size) : invalidGguf(file, `it holds ${name} twice.`)
    const shape = reversed.map(Number).reverse()
    const dtype = GGMLQuantizationType[id] ?? `type ${id}`
    const type = blockType(dtype)
    if (!type) throw unsupportedQuantization(file, name, dtype, readableTypes)
    const columns = shape.at(-1) ?? 0
    if (columns % type.values) throw invalidGguf(file, `tensor ${name} has rows of ${columns} values, ${dtype} has blocks of ${type.values}.`)
    const length = (elementCount(shape) / type.values) * type.bytes
    tensors.set(name, { dtype, shape, file, offset: data + Number(offset), length })
    end = Math.max(end, data + Number(offset) + length)
  }
  if (end > size) throw truncatedGguf(file, end, size)
  const tokens = 'tokenizer.ggml.tokens' in parsed.metadata && tokenStrings(file, data)
  return { metadata: { ...parsed.metadata, ...(tokens && { 'tokenizer.ggml.tokens': tokens }) }, tensors }
}

/** By its version, as llama.cpp tells it. The reader of the tables takes both orders, and the tensors' numbers would be others. */
const isBigEndian = (start: Buffer): boolean => start.length >= 8 && (start.readUInt32LE(4) & 0xffff) === 0

function startOf(file: string): Buffer {
  const start = Buffer.alloc(64)
  if (!existsSync(file)) throw missingFile(dirname(file), basename(file))
  const fd = openSync(file, 'r')
  try {
    return start.subarray(0, readSync(fd, start, 0, start.length, 0))
  } finally {
    closeSync(fd)
  }
}
