/** Numbers of a teacher's hidden states that are kept: 64 MB, which a hundred batches of a small model are. */
const KEPT = 2 ** 24

/** A teacher's hidden states by batch: computed at first use, and kept as far as they are few. */
export class KeptStates<Batch> {
  readonly #most: number
  readonly #states = new Map<Batch, Float32Array>()
  #kept = 0

  constructor(most = KEPT) {
    this.#most = most
  }

  /** @param compute gives what may be overwritten afterwards: it is copied */
  async of(batch: Batch, compute: () => Promise<{ data: Float32Array }>): Promise<Float32Array> {
    const known = this.#states.get(batch)
    if (known) return known
    const states = (await compute()).data.slice()
    if (this.#kept + states.length <= this.#most) {
      this.#states.set(batch, states)
      this.#kept += states.length
    }
    return states
  }
}
