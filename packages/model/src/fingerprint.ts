import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TensorEntry } from './checkpoint/header.ts'

/**
 * A base model's identity: sha256 over its config and weights. Two folders with the same numbers in the same precision
 * have the same fingerprint, however their checkpoints are sharded, ordered or annotated.
 */
export async function fingerprint(config: unknown, entries: ReadonlyMap<string, TensorEntry>, stateDir?: string): Promise<string> {
  const known = stateDir === undefined ? null : cacheFile(stateDir, config, entries)
  if (known) {
    const cached = await readFile(known, 'utf8').catch(() => '')
    const [remembered] = cached.split(' ')
    if (cached === checked(remembered)) return remembered
  }
  const digest = await hash(config, entries)
  if (known) {
    await mkdir(join(stateDir!, 'fingerprints'), { recursive: true })
    await writeFile(`${known}.${process.pid}`, checked(digest))
    await rename(`${known}.${process.pid}`, known)
  }
  return digest
}

/** With a sum of its own: a digit that is another by damage would make every adapter one of another model. */
const checked = (digest: string): string => `${digest} ${createHash('sha256').update(digest).digest('hex').slice(0, 16)}`

/** The identity of a model whose weights come from a seed. */
export const randomFingerprint = (config: unknown, seed: number | string): string =>
  createHash('sha256')
    .update(`weft-model-v1\n${canonicalJson(config)}\nrandom ${seed}\n`)
    .digest('hex')

const CHUNK = 1 << 22

async function hash(config: unknown, entries: ReadonlyMap<string, TensorEntry>): Promise<string> {
  const sha = createHash('sha256').update(`weft-model-v1\n${canonicalJson(config)}\n`)
  const buffer = Buffer.alloc(CHUNK)
  const files = new Map<string, FileHandle>()
  try {
    for (const name of [...entries.keys()].sort()) {
      const { dtype, shape, file, offset, length, interleavedHeads, plusOne } = entries.get(name)!
      const order = `${interleavedHeads ? ` interleaved ${interleavedHeads}` : ''}${plusOne ? ' plus one' : ''}`
      sha.update(`${name} ${dtype} [${shape}]${order}\n`)
      if (!files.has(file)) files.set(file, await open(file))
      for (let from = 0; from < length; from += CHUNK) {
        const { bytesRead } = await files.get(file)!.read(buffer, 0, Math.min(CHUNK, length - from), offset + from)
        sha.update(buffer.subarray(0, bytesRead))
      }
    }
  } finally {
    for (const handle of files.values()) await handle.close()
  }
  return sha.digest('hex')
}

/** Named for everything whose change could change the answer: config, layout, and each file's path, size and modification time. */
function cacheFile(stateDir: string, config: unknown, entries: ReadonlyMap<string, TensorEntry>): string {
  const files = [...new Set([...entries.values()].map(({ file }) => file))].sort()
  const stamps = files.map((file) => {
    const { size, mtimeMs } = statSync(file)
    return [file, size, mtimeMs]
  })
  const key = createHash('sha256')
    .update(canonicalJson([config, stamps]))
    .digest('hex')
  return join(stateDir, 'fingerprints', key)
}

/** JSON with object keys in order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )
}
