import type { Virtual } from './layout.ts'

/** Positions of all prefixes' columns, side by side: each ends right before what follows it, which has position 0. */
export const prefixPositions = ({ prefixLength = 0, prefixLengths = [prefixLength] }: Pick<Virtual, 'prefixLength' | 'prefixLengths'>): Int32Array =>
  Int32Array.from(prefixLengths.flatMap((length) => Array.from({ length }, (_, i) => i - length)))
