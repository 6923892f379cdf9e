import { type Dim, type GraphBuilder, mulDims, type Value } from '@weft/graph'

/** Which rows of a batch use which slot of the banks `[slots, …]`. */
export interface Slots {
  /** A slot for every row of the batch: `[B, …]`. */
  rows(bank: Value): Value
  /** A slot for each of the equal parts of `parts`: `[U, …]`. */
  units(bank: Value): Value
  /** The same of an input that is `transposedInSlots`, `[slots, m,n]`: its transpose, `[U, n,m]`. */
  transposed(bank: Value): Value
  /** Flat rows of the batch `[M,n]`, cut into equal parts that have one slot: `[U,M/U,n]`. */
  parts(x: Value): Value
}

/** Row b of the batch has slot b: whoever fills the bank decides whose it is, and lays what is `transposedInSlots` so. */
export const slotPerRow = (g: GraphBuilder): Slots => ({
  rows: (bank) => bank,
  units: (bank) => bank,
  transposed: (bank) => bank,
  parts: (x) => g.reshape(x, ['B', 'T', x.shape[1]]),
})

/** Slot s has the next `counts[s]` rows. */
export function consecutiveSlots(g: GraphBuilder, counts: readonly number[]): Slots {
  const unit = counts.reduce(greatestCommonDivisor)
  const units = counts.map((count) => count / unit)
  const total = units.reduce((sum, count) => sum + count, 0)
  const ofUnits = (bank: Value): Value => repeated(g, bank, units)
  return {
    rows: (bank) => repeated(g, bank, counts),
    units: ofUnits,
    transposed: (bank) => g.transpose(ofUnits(bank), [0, 2, 1]),
    parts: (x) => g.reshape(x, [total, Number(x.shape[0]) / total, x.shape[1]]),
  }
}

/** What `parts` cut, in one piece again. */
export const flat = (g: GraphBuilder, x: Value): Value => g.reshape(x, [mulDims(x.shape[0], x.shape[1]), x.shape[2]])

/** An operation on flat rows `[M,n]` and a vector: the same for all of them, or each part's own. */
export function withVector(g: GraphBuilder, x: Value, vector: Value, slots: Slots | undefined, op: (x: Value, vector: Value) => Value): Value {
  if (!slots) return op(x, vector)
  const own = slots.units(vector)
  return flat(g, op(slots.parts(x), g.reshape(own, [own.shape[0], 1, own.shape[1]])))
}

/** `[slots, …]` with each entry repeated: `[Σ counts, …]`. A gather would do, but its gradient adds rows in no fixed order. */
export function repeated(g: GraphBuilder, bank: Value, counts: readonly Dim[]): Value {
  const [slots, ...rest] = bank.shape
  const [count] = counts
  if (slots === 1) return g.expand(bank, [count, ...rest])
  if (counts.every((other) => other === count)) {
    return g.reshape(g.expand(g.reshape(bank, [slots, 1, ...rest]), [slots, count, ...rest]), [mulDims(slots, count), ...rest])
  }
  const one = counts.map(() => 1)
  return g.concat(
    g.split(bank, one, 0).map((value, i) => g.expand(value, [counts[i], ...rest])),
    0,
  )
}

const greatestCommonDivisor = (a: number, b: number): number => (b ? greatestCommonDivisor(b, a % b) : a)
