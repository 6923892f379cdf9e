import type { Random } from '@weft/adapters'
import { joined, mutateBytes, oddValues, pick } from './hostile.ts'

interface Split {
  header: Record<string, unknown>
  data: Uint8Array
}

const split = (file: Uint8Array): Split => {
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true))
  return { header: JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))), data: file.subarray(8 + length) }
}

function join({ data }: Split, headerText: string): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(headerText)
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true)
  return joined(length, header, data)
}

/** Every object and array below a value, the value itself first. */
function containers(value: unknown): Record<string, unknown>[] {
  if (value === null || typeof value !== 'object') return []
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(containers)]
}

/** Changes one place of a JSON value: another value, no value, or one value more. */
function mutateJson(random: Random, value: Record<string, unknown>): void {
  const place = pick(random, containers(value))
  const keys = Object.keys(place)
  const key = keys.length && random.uniform() < 0.8 ? pick(random, keys) : pick(random, ['__proto__', 'constructor', 'x', 'keyValue.prefix', 'params.x'])
  if (random.uniform() < 0.2) delete place[key]
  else Object.defineProperty(place, key, { value: structuredClone(pick(random, oddValues)), enumerable: true, configurable: true, writable: true })
}

/** A valid adapter file with its bytes, its header or its manifest damaged. */
export function anyAdapterFile(random: Random, valid: Uint8Array): Uint8Array<ArrayBuffer> {
  const kind = random.integer(6)
  if (kind <= 1) return mutateBytes(random, valid)
  const parts = split(valid)
  const metadata = parts.header.__metadata__ as Record<string, string>
  if (kind === 2) {
    mutateJson(random, parts.header)
    return join(parts, JSON.stringify(parts.header))
  }
  if (kind === 3) {
    metadata.weft = `${'{"a":'.repeat(1700)}1${'}'.repeat(1700)}`
    return join(parts, JSON.stringify(parts.header))
  }
  if (kind === 4) {
    const text = JSON.stringify(parts.header)
    const [name] = Object.keys(parts.header).filter((each) => each !== '__metadata__')
    return join(parts, `${text.slice(0, -1)},${JSON.stringify(pick(random, [name, '__proto__', '__metadata__']))}:${JSON.stringify(parts.header[name])}}`)
  }
  const manifest = JSON.parse(metadata.weft) as Record<string, unknown>
  for (let n = 1 + random.integer(2); n > 0; n--) mutateJson(random, manifest)
  metadata.weft = JSON.stringify(manifest)
  return join(parts, JSON.stringify(parts.header))
}
