/**
 * Ids of the `count` largest values, largest first, the lower id first among equals. What is no number is not among them.
 *
 * They stand in a heap whose root is the least of them (Williams 1964), so that each value costs a comparison, and log `count` where it is taken.
 */
export function largest(values: Float32Array, count: number): number[] {
  const heap = new Uint32Array(Math.max(0, Math.min(count, values.length)))
  if (heap.length === 0) return []
  let size = 0
  for (let id = 0; id < values.length; id++) {
    const value = values[id]!
    if (size === heap.length) {
      if (value > values[heap[0]!]!) sink(values, heap, size, id)
    } else if (!Number.isNaN(value)) rise(values, heap, size++, id)
  }
  // Each time the least is taken off the root and put behind those that are left.
  for (let end = size - 1; end > 0; end--) {
    const last = heap[end]!
    heap[end] = heap[0]!
    sink(values, heap, end, last)
  }
  return Array.from(heap.subarray(0, size))
}

/** Whether `a` is left out before `b`. */
const isLess = (values: Float32Array, a: number, b: number): boolean => values[a]! < values[b]! || (values[a] === values[b] && a > b)

/** Puts `id` at the end of a heap, and up to where it belongs. */
function rise(values: Float32Array, heap: Uint32Array, end: number, id: number): void {
  let at = end
  while (at > 0) {
    const above = (at - 1) >> 1
    if (!isLess(values, id, heap[above]!)) break
    heap[at] = heap[above]!
    at = above
  }
  heap[at] = id
}

/** Puts `id` in the root's place, and down to where it belongs. */
function sink(values: Float32Array, heap: Uint32Array, size: number, id: number): void {
  let at = 0
  for (let child = 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && isLess(values, heap[child + 1]!, heap[child]!)) child++
    if (!isLess(values, heap[child]!, id)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = id
}
