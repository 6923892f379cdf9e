import { LRUCache } from 'lru-cache'
import type { AdapterTensors } from '../../compositions/adapter-tensors.ts'

/** Most that rows doing different things inside layers take side by side, unless something else is said. */
export const LAYER_BYTES = 512 * 1024 * 1024

/** Room for some rows more, so that not every one that joins has all others written again. */
export const capacityFor = (rows: number): number => 2 ** Math.ceil(Math.log2(rows))

/** What rows of a mix of kinds take at one site. */
interface SiteSlots {
  /** Kinds that have it, by their shapes. */
  kinds: readonly string[]
  /** Numbers of a slot that is as wide as the widest of them. */
  size: number
}

/** By the shapes of the kinds in a mix: adapters come in few kinds, and a batch in few mixes of them. */
const mixes = new LRUCache<string, readonly SiteSlots[]>({ max: 1024 })

/** Bytes of the tensors that hold what these rows do, side by side. Asked for each request that waits, whenever one is let in. */
export function bankBytes(rows: readonly (AdapterTensors | null)[]): number {
  const kinds = new Map<string, { adapters: AdapterTensors; rows: number }>()
  for (const adapters of rows) {
    if (!adapters) continue
    const known = kinds.get(adapters.shapes)
    if (known) known.rows++
    else kinds.set(adapters.shapes, { adapters, rows: 1 })
  }
  const mix = [...kinds.keys()].sort().join(' ')
  let sites = mixes.get(mix)
  if (sites === undefined) mixes.set(mix, (sites = slotsOf([...kinds.values()].map(({ adapters }) => adapters))))
  return 4 * sites.reduce((sum, { kinds: of, size }) => sum + size * capacityFor(of.reduce((count, shapes) => count + kinds.get(shapes)!.rows, 0)), 0)
}

function slotsOf(kinds: readonly AdapterTensors[]): SiteSlots[] {
  const sites = new Set(kinds.flatMap(({ sites }) => [...sites]))
  return [...sites].map((site) => {
    const having = kinds.filter(({ sites }) => sites.has(site))
    const shapes = new Map<string, readonly number[]>()
    for (const { inputs } of having)
      for (const [name, { tensor, site: of }] of inputs) {
        if (of !== site) continue
        const before = shapes.get(name)
        shapes.set(name, before ? tensor.shape.map((size, axis) => Math.max(size, before[axis])) : tensor.shape)
      }
    return { kinds: having.map(({ shapes }) => shapes), size: [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((n, size) => n * size, 1), 0) }
  })
}
