import { LRUCache } from 'lru-cache'
import type { AdapterTensors } from '../../compositions/adapter-tensors.ts'

/** Room for some rows more, so that not every one that joins has all others written again. */
export const capacityFor = (rows: number): number => 2 ** Math.ceil(Math.log2(rows))

/** Numbers of one slot by the shapes that it holds: adapters come in few kinds, and a batch in few mixes of them. */
const slotSizes = new LRUCache<string, number>({ max: 1024 })

/** Bytes of the tensors that hold what these rows do side by side. Asked for each request that waits, whenever one is let in. */
export function bankBytes(rows: readonly (AdapterTensors | null)[]): number {
  const kinds = new Map<string, AdapterTensors>()
  for (const adapters of rows) if (adapters) kinds.set(adapters.shapes, adapters)
  const mix = [...kinds.keys()].sort().join(' ')
  let size = slotSizes.get(mix)
  if (size === undefined) slotSizes.set(mix, (size = slotSize([...kinds.values()])))
  return 4 * capacityFor(rows.length) * size
}

/** Numbers of a slot that is as wide as the widest of these. */
function slotSize(kinds: readonly AdapterTensors[]): number {
  const shapes = new Map<string, readonly number[]>()
  for (const { inputs } of kinds)
    for (const [name, { tensor }] of inputs) {
      const before = shapes.get(name)
      shapes.set(name, before ? tensor.shape.map((size, axis) => Math.max(size, before[axis])) : tensor.shape)
    }
  return [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((n, size) => n * size, 1), 0)
}
