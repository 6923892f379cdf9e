import { computeIn, type Graph, GraphBuilder, type Value } from '@weft/graph'
import { type CacheDType, type CacheShape, halves } from './key-value-cache.ts'

/** Names of a row's keys and values as they go in and out, `[1,K,n,D]` float32 each. */
export const rowName = (layer: number, half: string): string => `row.${layer}.${half}`

const inType = (graph: Graph, dtype: CacheDType): Graph => {
  const isCache = (name: string): boolean => /^(past_key_values|present)\./.test(name)
  return dtype === 'float32' ? graph : computeIn(graph, dtype, { input: (name) => (isCache(name) ? 'declared' : 'wide'), output: isCache })
}

/** Every key and value of a cache, written in place: bind one tensor as past and present. */
function inPlace(name: string, { numLayers, numKeyValueHeads: K, headDim: D }: CacheShape, dtype: CacheDType, write: Write): Graph {
  const g = new GraphBuilder(name)
  for (let layer = 0; layer < numLayers; layer++)
    for (const half of halves)
      g.output(`present.${layer}.${half}`, write(g, g.input(`past_key_values.${layer}.${half}`, 'float32', ['R', K, 'C', D]), layer, half))
  return inType(g.build(), dtype)
}
type Write = (g: GraphBuilder, past: Value, layer: number, half: string) => Value

/** Writes `row.<i>.<half>` `[1,K,n,D]` to the places that `cache_slots [1,K,n,3]` names (row, head, slot). */
export const writeRowGraph = (shape: CacheShape, dtype: CacheDType): Graph =>
  inPlace('write row', shape, dtype, (g, past, layer, half) =>
    g.scatterND(
      past,
      g.input('cache_slots', 'int64', [1, shape.numKeyValueHeads, 'n', 3]),
      g.input(rowName(layer, half), 'float32', [1, shape.numKeyValueHeads, 'n', shape.headDim]),
    ),
  )

/** Copies row `from [1]` over row `to [1,1]`. */
export const copyRowGraph = (shape: CacheShape, dtype: CacheDType): Graph =>
  inPlace('copy row', shape, dtype, (g, past) => g.scatterND(past, g.input('to', 'int64', [1, 1]), g.gather(past, g.input('from', 'int64', [1]), 0)))

/** Reads the slots `slots [n]` of row `from [1]`: `row.<i>.<half>` `[1,K,n,D]`. */
export function readRowGraph({ numLayers, numKeyValueHeads: K, headDim: D }: CacheShape, dtype: CacheDType): Graph {
  const g = new GraphBuilder('read row')
  const [from, slots] = [g.input('from', 'int64', [1]), g.input('slots', 'int64', ['n'])]
  for (let layer = 0; layer < numLayers; layer++)
    for (const half of halves) {
      const past = g.input(`past_key_values.${layer}.${half}`, 'float32', ['R', K, 'C', D])
      g.output(rowName(layer, half), g.gather(g.gather(past, from, 0), slots, 2))
    }
  return inType(g.build(), dtype)
}

/** A block of `past [R,K,C,D]` with more rows and slots behind it: `present`. */
export function growGraph({ numKeyValueHeads: K, headDim: D }: CacheShape, dtype: CacheDType, from: BlockSize, to: BlockSize): Graph {
  const g = new GraphBuilder('grow')
  const zeros = (shape: number[]): Value => zerosOf(g, dtype, shape)
  const past = g.input('past', dtype, [from.rows, K, from.slots, D])
  const wider = to.slots > from.slots ? g.concat([past, zeros([from.rows, K, to.slots - from.slots, D])], 2) : past
  g.output('present', to.rows > from.rows ? g.concat([wider, zeros([to.rows - from.rows, K, to.slots, D])], 0) : g.identity(wider))
  return g.build()
}

/** A block of zeros, `present [R,K,C,D]`. */
export function emptyGraph({ numKeyValueHeads: K, headDim: D }: CacheShape, dtype: CacheDType, { rows, slots }: BlockSize): Graph {
  const g = new GraphBuilder('empty')
  g.output('present', zerosOf(g, dtype, [rows, K, slots, D]))
  return g.build()
}

const zerosOf = (g: GraphBuilder, dtype: CacheDType, shape: number[]): Value => g.expand(g.constant(0, [], dtype), shape)

export interface BlockSize {
  rows: number
  slots: number
}
