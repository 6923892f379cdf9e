import type { TypedArray } from './dtype.ts'

const bytesOf = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)

/** FNV-1a of an array's bytes: equal contents have equal hashes. */
export function contentHash(data: TypedArray): number {
  let hash = 0x811c9dc5
  for (const byte of bytesOf(data)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

export function sameContent(a: TypedArray, b: TypedArray): boolean {
  const [x, y] = [bytesOf(a), bytesOf(b)]
  return x.length === y.length && x.every((byte, i) => byte === y[i])
}
