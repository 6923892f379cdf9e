/** Steps in which an exponent falls by log 2. */
const STEPS = 2048
const STEP = Math.LN2 / STEPS
const PER_NAT = STEPS / Math.LN2
/** Powers of two below the smallest number are 0. */
const HALVINGS = 1080

const ofSteps = Float64Array.from({ length: STEPS }, (_, step) => 2 ** (-step / STEPS))
const ofHalvings = Float64Array.from({ length: HALVINGS + 1 }, (_, halvings) => 2 ** -halvings)

/**
 * exp(−x) for x ≥ 0, to 1e-11 of itself: two entries of tables, and a parabola for the rest of a step, of which the next term is 7e-12. A quarter of `Math.exp`'s time,
 * which is asked for the whole vocabulary, of several rows, at every token.
 */
export function decay(x: number): number {
  const steps = Math.min(x * PER_NAT, STEPS * HALVINGS)
  const whole = steps | 0
  const rest = (whole - steps) * STEP
  return ofSteps[whole & (STEPS - 1)]! * ofHalvings[whole >> 11]! * (1 + rest * (1 + rest * 0.5))
}
