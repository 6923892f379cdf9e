/** Entries for each nat of what lies between the two. */
const PER_NAT = 512
/** From here on the smaller of the two is less than a hundred millionth of the larger, and no float32 shows it. */
const FAR = 20

const ofSteps = Float64Array.from({ length: FAR * PER_NAT + 2 }, (_, step) => Math.log1p(Math.exp(-step / PER_NAT)))

/**
 * log(exp(a) + exp(b)), to 2e-7: a straight line between two entries of a table. It is asked for the whole vocabulary at every token, where `Math.exp` and `Math.log`
 * would take as long as a layer of a small model. What is no number stays none; −∞ adds nothing.
 */
export function logAddExp(a: number, b: number): number {
  const apart = Math.abs(a - b)
  if (apart < FAR) {
    const steps = apart * PER_NAT
    const whole = steps | 0
    const low = ofSteps[whole]!
    return Math.max(a, b) + low + (steps - whole) * (ofSteps[whole + 1]! - low)
  }
  return Math.max(a, b)
}
