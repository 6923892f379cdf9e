/** Columns of all prefixes, and of each in their order; one prefix when absent. */
export interface Prefixes {
  prefixLength?: number
  prefixLengths?: readonly number[]
}

/** Positions of all prefixes' columns, side by side: each ends right before what follows it, which has position 0. */
export const prefixPositions = ({ prefixLength = 0, prefixLengths = [prefixLength] }: Prefixes): Int32Array =>
  Int32Array.from(prefixLengths.flatMap((length) => Array.from({ length }, (_, i) => i - length)))
