/**
 * Seeded, splittable random numbers, the same on every machine: initial values, shuffles and dropout of a run depend on its
 * seed alone. xoshiro128** (Blackman & Vigna 2021), seeded through a 32-bit mixer; `split` derives an independent stream
 * from a label, so that adding a consumer never shifts the numbers another one sees.
 */
export class Random {
  readonly #seed: string
  #state: [number, number, number, number]
  #spare: number | undefined

  constructor(seed: number | string) {
    this.#seed = String(seed)
    this.#state = expand(this.#seed)
  }

  /** An independent stream: depends on this stream's seed and the label, not on what was drawn so far. */
  split(label: number | string): Random {
    return new Random(`${this.#seed}/${label}`)
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const s = this.#state
    const result = Math.imul(rotl(Math.imul(s[1], 5), 7), 9) >>> 0
    const t = s[1] << 9
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotl(s[3], 11)
    return result
  }

  /** Uniform in [low, high), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992
    return low + (high - low) * unit
  }

  /** A uniform integer in [0, n), without modulo bias. */
  integer(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1 || n > 0x100000000) throw new RangeError(`integer(n) needs 1 ≤ n ≤ 2^32, got ${n}`)
    const limit = 0x100000000 - (0x100000000 % n)
    for (;;) {
      const draw = this.bits()
      if (draw < limit) return draw % n
    }
  }

  /** A normal deviate (Marsaglia's polar method: only log and sqrt, which every engine rounds alike). */
  normal(mean = 0, std = 1): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare
      this.#spare = undefined
      return mean + std * spare
    }
    for (;;) {
      const u = this.uniform(-1, 1),
        v = this.uniform(-1, 1)
      const s = u * u + v * v
      if (s >= 1 || s === 0) continue
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      this.#spare = v * factor
      return mean + std * u * factor
    }
  }

  /** A uniform permutation of 0 … n−1 (Fisher–Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const held = order[i]
      order[i] = order[j]
      order[j] = held
    }
    return order
  }
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k))

/** Four state words from a string: FNV-1a over its code units, then murmur3's finalizer as a counter-based stream. */
function expand(seed: string): [number, number, number, number] {
  let hash = 0x811c9dc5,
    other = 0x9e3779b9
  for (let i = 0; i < seed.length; i++) {
    hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193)
    other = mix((other + seed.charCodeAt(i) + Math.imul(i + 1, 0x85ebca6b)) | 0)
  }
  const word = (n: number): number => mix((hash + Math.imul(n, 0x9e3779b9)) | 0) ^ mix((other ^ Math.imul(n + 7, 0xc2b2ae35)) | 0)
  const state: [number, number, number, number] = [word(1), word(2), word(3), word(4)]
  if (!(state[0] | state[1] | state[2] | state[3])) state[0] = 1 // the all-zero state is xoshiro's only fixed point
  return state
}

function mix(h: number): number {
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
