import { addDims, type GraphBuilder, mulDims, type Value } from '@weft/graph'

/** What every token has of its own, `[B,T,I]`, as flat rows of the batch `[M,I]`: zeros for the `placed` rows that stand before the tokens. */
export function ofEveryRow(g: GraphBuilder, gate: Value, placed: number): Value {
  const [B, T, I] = gate.shape
  const all = placed > 0 ? g.concat([g.expand(g.constant(0), [B, placed, I]), gate], 1) : gate
  return g.reshape(all, [mulDims(B, addDims(placed, T)), I])
}

/** Gates of adapters that act in groups of `counts` rows, each given for the whole batch `[B,T,I]`: of every group its own, as wide as the widest. */
export function gatesOfSlots(g: GraphBuilder, gates: readonly (Value | undefined)[], counts: readonly number[]): Value {
  const given = gates.filter((gate) => gate !== undefined)
  const [, T] = given[0].shape
  const I = Math.max(...given.map(({ shape }) => Number(shape[2])))
  return g.concat(
    gates.map((gate, slot) => {
      if (!gate) return g.expand(g.constant(0), [counts[slot], T, I])
      const own = counts.length === 1 ? gate : g.split(gate, [...counts], 0)[slot]
      return g.pad(own, { pads: [0, 0, 0, 0, 0, I - Number(gate.shape[2])], value: 0 })
    }),
    0,
  )
}
