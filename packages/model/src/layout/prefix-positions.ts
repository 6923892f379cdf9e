/** Positions of all prefixes' columns, side by side: each ends right before what follows it, which has position 0. */
export const prefixPositions = (prefixLengths: readonly number[]): Int32Array =>
  Int32Array.from(prefixLengths.flatMap((length) => Array.from({ length }, (_, i) => i - length)))
