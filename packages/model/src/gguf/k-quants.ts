import { halfAt } from './half-at.ts'

/**
 * ggml's super-blocks of 256 values. Every product of a scale, a 6-bit scale and a quantum is exact in float32 or rounded once, so these loops give
 * ggml's bits.
 */

/** The eight 6-bit scales and minima that 12 bytes hold: four whole ones each, and four whose upper two bits lie with those. */
export function scaleAndMinimum(bytes: Uint8Array, at: number, index: number): [scale: number, minimum: number] {
  if (index < 4) return [bytes[at + index] & 63, bytes[at + index + 4] & 63]
  const low = bytes[at + index + 4]
  return [(low & 15) | ((bytes[at + index - 4] >> 6) << 4), (low >> 4) | ((bytes[at + index] >> 6) << 4)]
}

/** `d f16, dmin f16, scales[12], q[128]`: value = d·scale·q − dmin·minimum, q in 4 bits. */
export function decodeQ4K(bytes: Uint8Array, into: Float32Array): void {
  for (let block = 0, out = 0; out < into.length; block += 144, out += 256) {
    const d = halfAt(bytes, block)
    const dmin = halfAt(bytes, block + 2)
    for (let part = 0; part < 8; part++) {
      const [scale, minimum] = scaleAndMinimum(bytes, block + 4, part)
      const from = block + 16 + (part >> 1) * 32
      const shift = (part & 1) * 4
      for (let i = 0; i < 32; i++) into[out + part * 32 + i] = d * scale * ((bytes[from + i] >> shift) & 15) - dmin * minimum
    }
  }
}

/** `d f16, dmin f16, scales[12], high[32], q[128]`: as `Q4_K` with a fifth bit, one of `high` for each of the eight parts. */
export function decodeQ5K(bytes: Uint8Array, into: Float32Array): void {
  for (let block = 0, out = 0; out < into.length; block += 176, out += 256) {
    const d = halfAt(bytes, block)
    const dmin = halfAt(bytes, block + 2)
    for (let part = 0; part < 8; part++) {
      const [scale, minimum] = scaleAndMinimum(bytes, block + 4, part)
      const from = block + 48 + (part >> 1) * 32
      const shift = (part & 1) * 4
      for (let i = 0; i < 32; i++) {
        const q = ((bytes[from + i] >> shift) & 15) | (((bytes[block + 16 + i] >> part) & 1) << 4)
        into[out + part * 32 + i] = d * scale * q - dmin * minimum
      }
    }
  }
}

/** `low[128], high[64], scales int8[16], d f16`: value = d·scale·(q − 32), q in 4 + 2 bits, a scale for each 16 values. */
export function decodeQ6K(bytes: Uint8Array, into: Float32Array): void {
  for (let block = 0, out = 0; out < into.length; block += 210, out += 256) {
    const d = halfAt(bytes, block + 208)
    for (let part = 0; part < 8; part++) {
      const half = part >> 2 // of the super-block
      const quarter = part & 3
      const low = block + half * 64 + (quarter & 1) * 32
      const high = block + 128 + half * 32
      for (let i = 0; i < 32; i++) {
        const scale = (bytes[block + 192 + part * 2 + (i >> 4)] << 24) >> 24
        const q = ((bytes[low + i] >> ((quarter >> 1) * 4)) & 15) | (((bytes[high + i] >> (quarter * 2)) & 3) << 4)
        into[out + part * 32 + i] = d * scale * (q - 32)
      }
    }
  }
}
