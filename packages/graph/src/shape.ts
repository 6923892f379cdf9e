/**
 * A size: a number, or a string naming a size known only when the graph runs (`B`). Sums and products of symbols
 * are symbols too, in one canonical spelling: `P+T`, `B*T`, `T-1`.
 */
export type Dim = number | string
export type Shape = readonly Dim[]
