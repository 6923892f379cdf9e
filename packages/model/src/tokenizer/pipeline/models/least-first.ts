/** Numbers, of which the least is taken first: a binary heap. */
export class LeastFirst {
  readonly #heap: number[] = []

  get size(): number {
    return this.#heap.length
  }

  add(value: number): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(value)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (heap[above] <= value) break
      heap[at] = heap[above]
      at = above
    }
    heap[at] = value
  }

  take(): number {
    const heap = this.#heap
    const least = heap[0]
    const value = heap.pop()!
    const { length } = heap
    if (length === 0) return least
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= length) break
      if (below + 1 < length && heap[below + 1] < heap[below]) below++
      if (heap[below] >= value) break
      heap[at] = heap[below]
      at = below
    }
    heap[at] = value
    return least
  }
}
