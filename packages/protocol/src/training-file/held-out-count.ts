/** Rows below which all are trained on. */
const FEWEST = 10
const MOST_HELD_OUT = 512
const SHARE = 0.1

/** Rows of a training file that are set aside to measure on when no validation file is given: a tenth, at most 512; none of fewer than ten. */
export const heldOutCount = (rows: number): number => (rows < FEWEST ? 0 : Math.min(MOST_HELD_OUT, Math.max(1, Math.round(rows * SHARE))))
