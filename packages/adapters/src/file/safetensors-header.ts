import * as z from 'zod/mini'
import { duplicateKey } from '../schema/duplicate-key.ts'
import { sizeOf } from '../tensor.ts'
import { isGitLfsPointer } from './git-lfs-pointer.ts'

/** Bytes of one value. Types that are not here are of no known size. */
const itemSizes: Readonly<Record<string, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
}

/** Where a tensor lies: bytes from the end of the header on. */
interface HeaderEntry {
  dtype: string
  shape: number[]
  start: number
  end: number
}

interface SafetensorsHeader {
  metadata: Record<string, string>
  entries: Map<string, HeaderEntry>
}

/** How a reader says what is wrong: adapters and base models have errors of their own. */
export interface HeaderFaults {
  invalid(problem: string): Error
  truncated(expected: number, got: number): Error
  gitLfsPointer(): Error
}

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().check(z.gte(0))).check(z.maxLength(8)),
  data_offsets: z.tuple([z.int().check(z.gte(0)), z.int().check(z.gte(0))]),
})

/**
 * Bytes of a file's header, from its first bytes. The JSON follows the 8 bytes that say so.
 * @param size of the whole file
 */
export function headerLength(start: Uint8Array, size: number, most: number, faults: HeaderFaults): number {
  if (isGitLfsPointer(start)) throw faults.gitLfsPointer()
  if (size < 8) throw faults.truncated(8, size)
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true))
  if (length > most) {
    if (beginsAsText(start)) throw faults.invalid('it is a text. An adapter is trained tensors; rows to learn from are given to a training')
    throw faults.invalid(`its header claims ${length} bytes; at most ${most} are read`)
  }
  if (length < 2) throw faults.invalid('its header is empty')
  if (8 + length > size) throw faults.truncated(8 + length, size)
  return length
}

/** The 8 bytes before a header are a number, whose last ones are 0. Bytes that are no UTF-8 are no text; its last letter may go on behind them. */
const beginsAsText = (start: Uint8Array): boolean => !/\ufffd|[^\P{Cc}\t\n\r]/u.test(new TextDecoder().decode(start.subarray(0, 8), { stream: true }))

/**
 * A header, so strictly that no two readers differ: no key stands twice in one object, every tensor spans the bytes that its type and shape
 * take, and the tensors cover the `available` bytes behind the header without gaps or overlap.
 */
export function parseSafetensorsHeader(bytes: Uint8Array, available: number, faults: HeaderFaults): SafetensorsHeader {
  const { __metadata__: given = {}, ...tensors } = parseJson(bytes, faults)
  const metadata = z.record(z.string(), z.string()).safeParse(given)
  if (!metadata.success) throw faults.invalid('its __metadata__ must map strings to strings')
  const entries = new Map<string, HeaderEntry>()
  for (const [name, value] of Object.entries(tensors)) {
    const entry = entrySchema.safeParse(value)
    if (!entry.success) throw faults.invalid(`the entry of ${JSON.stringify(name)} needs dtype, shape and data_offsets`)
    const {
      dtype,
      shape,
      data_offsets: [start, end],
    } = entry.data
    const size = Object.hasOwn(itemSizes, dtype) ? sizeOf(shape) * itemSizes[dtype] : Math.max(0, end - start)
    if (end - start !== size)
      throw faults.invalid(`"${name}" is ${dtype} [${shape.join(', ')}], which takes ${size} bytes; its offsets ${start}–${end} give ${end - start}`)
    entries.set(name, { dtype, shape, start, end })
  }
  checkTiling(entries, available, 8 + bytes.length, faults)
  return { metadata: metadata.data, entries }
}

function parseJson(bytes: Uint8Array, faults: HeaderFaults): Record<string, unknown> {
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
    header = JSON.parse(text)
  } catch {
    throw faults.invalid('its header is not JSON')
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header)) throw faults.invalid('its header is not a JSON object')
  const twice = duplicateKey(text)
  if (twice !== undefined) throw faults.invalid(`its header names ${JSON.stringify(twice)} twice`)
  return header as Record<string, unknown>
}

function checkTiling(entries: ReadonlyMap<string, HeaderEntry>, available: number, headerEnd: number, faults: HeaderFaults): void {
  const spans = [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)
  let at = 0
  for (const [name, { start, end }] of spans) {
    if (start !== at) throw faults.invalid(`"${name}" starts at ${start}, ${start < at ? 'inside another tensor' : 'after a hole'}; expected ${at}`)
    at = end
  }
  if (at > available) throw faults.truncated(headerEnd + at, headerEnd + available)
  if (at < available) throw faults.invalid(`${available - at} bytes follow the last tensor`)
}
