import { type Dim, type GraphBuilder, mulDims, type Value } from '@weft/graph'

/** Which rows of a batch use which slot of the banks `[slots, …]`. Nothing is computed for rows that have none. */
export interface Slots {
  /** A slot for every row of the batch that has one: `[rows, …]`. */
  rows(bank: Value): Value
  /** A slot for each of the equal parts of `parts`: `[U, …]`. */
  units(bank: Value): Value
  /** The same of an input that is `transposedInSlots`, `[slots, m,n]`: its transpose, `[U, n,m]`. */
  transposed(bank: Value): Value
  /** Those flat rows of the batch `[M,n]` that have slots, cut into equal parts that have one: `[U,M/U,n]`. */
  parts(x: Value): Value
  /** Flat rows `[M,n]` with something added to each part. */
  add(x: Value, added: Value): Value
  /** Flat rows `[M,n]` with other ones, of as many numbers, in place of each part. */
  put(x: Value, parts: Value): Value
  /** Where some rows have no slot, what is done to those that have, in the batch's first axis. */
  some?: SomeRows
}

export interface SomeRows {
  /** Those rows of `[B, …]`. */
  pick(x: Value): Value
  /** `[B, …]` with something added to them. */
  add(x: Value, added: Value): Value
  /** `[B, …]`: theirs in a bank `[slots, …]`, zeros for the others. */
  spread(bank: Value): Value
}

/**
 * Row `at[s]` of the batch has slot s, the others have none: whoever fills the bank decides whose it is, and lays what is `transposedInSlots` so. So a site
 * costs what the rows cost that have it.
 */
export function slotsOfRows(g: GraphBuilder, at: Value): Slots {
  const [count] = at.shape
  const places = g.reshape(at, [count, 1])
  const sequences = (x: Value): Value => g.reshape(x, ['B', 'T', x.shape[1]])
  const flatRows = (x: Value): Value => g.reshape(x, ['B*T', x.shape[2]])
  const added = (x: Value, by: Value): Value => g.scatterND(x, places, by, { reduction: 'add' })
  return {
    rows: (bank) => bank,
    units: (bank) => bank,
    transposed: (bank) => bank,
    parts: (x) => g.gather(sequences(x), at, 0),
    add: (x, by) => flatRows(added(sequences(x), by)),
    put: (x, parts) => flatRows(g.scatterND(sequences(x), places, parts)),
    some: {
      pick: (x) => g.gather(x, at, 0),
      add: added,
      spread: (bank) => added(g.expand(g.constant(0), ['B', ...bank.shape.slice(1)]), bank),
    },
  }
}

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
    add: (x, added) => g.add(x, flat(g, added)),
    put: (_, parts) => flat(g, parts),
  }
}

/** What `parts` cut, in one piece again. */
const flat = (g: GraphBuilder, x: Value): Value => g.reshape(x, [mulDims(x.shape[0], x.shape[1]), x.shape[2]])

/** An operation on flat rows `[M,n]` and a vector: the same for all of them, or each part's own. */
export function withVector(g: GraphBuilder, x: Value, vector: Value, slots: Slots | undefined, op: (x: Value, vector: Value) => Value): Value {
  if (!slots) return op(x, vector)
  const own = slots.units(vector)
  return slots.put(x, op(slots.parts(x), g.reshape(own, [own.shape[0], 1, own.shape[1]])))
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
