import { createHash } from 'node:crypto'

/** A number in [0, 1) that depends on nothing but what it is made from. */
export const fraction = (...seed: (string | number)[]): number => createHash('sha256').update(JSON.stringify(seed)).digest().readUInt32LE(0) / 2 ** 32

/**
 * The `index`-th window of `length` tokens of a stream. Every pass over the stream goes through all of its windows once,
 * in an order and from an offset of its own, so that nothing is always cut at the same place.
 */
export const windowAt = (stream: Uint16Array, length: number, index: number, seed: string): Uint16Array => {
  const perPass = Math.floor(stream.length / length) - 1
  const pass = Math.floor(index / perPass)
  const offset = Math.floor(fraction(seed, pass, 'offset') * length)
  const start = offset + permuted(index % perPass, perPass, `${seed}/${pass}`) * length
  return stream.subarray(start, start + length)
}

/** A permutation of 0 … n−1 without a table: an affine map whose factor shares no divisor with n. */
const permuted = (index: number, n: number, seed: string): number => {
  let factor = 1 + Math.floor(fraction(seed, 'factor') * (n - 1))
  while (gcd(factor, n) !== 1) factor++
  return (index * factor + Math.floor(fraction(seed, 'shift') * n)) % n
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
