import type { AdapterObject } from '@weft/protocol'

/** One was made with the other: started from it, trained over it, beside it, or given its parts. */
export interface Edge {
  from: string
  to: string
}

/** Of listed adapters, what each was made with. What is gone by now keeps its name. */
export const edgesOf = (adapters: readonly AdapterObject[]): Edge[] => adapters.flatMap(({ id, madeWith = [] }) => madeWith.map((from) => ({ from, to: id })))

/** All that `id` was made with, however far back, itself, and all that was made with it: in layers, each behind those that it needs. */
export const layered = (id: string, edges: readonly Edge[]): string[][] => {
  const before = reached(id, edges, 'to', 'from')
  const after = reached(id, edges, 'from', 'to')
  const members = new Set([...before, id, ...after])
  const within = edges.filter(({ from, to }) => members.has(from) && members.has(to))
  const depths = new Map<string, number>()
  const depthOf = (one: string): number => {
    const known = depths.get(one)
    if (known !== undefined) return known
    depths.set(one, 0)
    const depth = Math.max(-1, ...within.filter(({ to }) => to === one).map(({ from }) => depthOf(from))) + 1
    depths.set(one, depth)
    return depth
  }
  // An ancestor stands right before the first that was made with it.
  for (const one of members) depthOf(one)
  for (const one of before) {
    const children = within.filter(({ from }) => from === one).map(({ to }) => depths.get(to)!)
    if (children.length > 0) depths.set(one, Math.min(...children) - 1)
  }
  const layers = Map.groupBy([...members].sort(), (one) => depths.get(one)!)
  return [...layers].sort(([a], [b]) => a - b).map(([, layer]) => layer)
}

const reached = (start: string, edges: readonly Edge[], at: 'from' | 'to', next: 'from' | 'to'): Set<string> => {
  const found = new Set<string>()
  const walk = (one: string): void => {
    for (const edge of edges.filter((each) => each[at] === one))
      if (edge[next] !== start && !found.has(edge[next])) {
        found.add(edge[next])
        walk(edge[next])
      }
  }
  walk(start)
  return found
}
