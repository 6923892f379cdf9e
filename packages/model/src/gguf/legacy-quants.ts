import { halfAt } from './half-at.ts'

/** ggml's blocks of 32 values. Low halves of the bytes are a block's first 16 values, high halves its last 16. */

/** `d f16, q[16]`: value = d·(q − 8). */
export function decodeQ40(bytes: Uint8Array, into: Float32Array): void {
  for (let block = 0, out = 0; out < into.length; block += 18, out += 32) {
    const d = halfAt(bytes, block)
    for (let i = 0; i < 16; i++) {
      const q = bytes[block + 2 + i]
      into[out + i] = d * ((q & 15) - 8)
      into[out + 16 + i] = d * ((q >> 4) - 8)
    }
  }
}

/** `d f16, m f16, q[16]`: value = d·q + m. */
export function decodeQ41(bytes: Uint8Array, into: Float32Array): void {
  for (let block = 0, out = 0; out < into.length; block += 20, out += 32) {
    const d = halfAt(bytes, block)
    const m = halfAt(bytes, block + 2)
    for (let i = 0; i < 16; i++) {
      const q = bytes[block + 4 + i]
      into[out + i] = d * (q & 15) + m
      into[out + 16 + i] = d * (q >> 4) + m
    }
  }
}

/** The fifth bit of value `i` of a block, from the four bytes that hold those of all 32; at its place. */
const fifthBit = (bytes: Uint8Array, high: number, i: number): number => ((bytes[high + (i >> 3)] >> (i & 7)) & 1) << 4

/** `d f16, high[4], q[16]`: value = d·(q − 16), q in 4 + 1 bits. */
export function decodeQ50(bytes: Uint8Array, into: Float32Array): void {
  for (let block = 0, out = 0; out < into.length; block += 22, out += 32) {
    const d = halfAt(bytes, block)
    for (let i = 0; i < 16; i++) {
      const q = bytes[block + 6 + i]
      into[out + i] = d * (((q & 15) | fifthBit(bytes, block + 2, i)) - 16)
      into[out + 16 + i] = d * (((q >> 4) | fifthBit(bytes, block + 2, i + 16)) - 16)
    }
  }
}

/** `d f16, m f16, high[4], q[16]`: value = d·q + m, q in 4 + 1 bits. */
export function decodeQ51(bytes: Uint8Array, into: Float32Array): void {
  for (let block = 0, out = 0; out < into.length; block += 24, out += 32) {
    const d = halfAt(bytes, block)
    const m = halfAt(bytes, block + 2)
    for (let i = 0; i < 16; i++) {
      const q = bytes[block + 8 + i]
      into[out + i] = d * ((q & 15) | fifthBit(bytes, block + 4, i)) + m
      into[out + 16 + i] = d * ((q >> 4) | fifthBit(bytes, block + 4, i + 16)) + m
    }
  }
}

/** `d f16, q int8[32]`: value = d·q. */
export function decodeQ80(bytes: Uint8Array, into: Float32Array): void {
  for (let block = 0, out = 0; out < into.length; block += 34, out += 32) {
    const d = halfAt(bytes, block)
    for (let i = 0; i < 32; i++) into[out + i] = d * ((bytes[block + 2 + i] << 24) >> 24)
  }
}
