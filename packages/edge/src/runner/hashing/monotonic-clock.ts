/** Milliseconds that have passed, from any beginning. Never goes back. */
export type MonotonicClock = () => number

/** The longest step that is believed. Nothing here waits longer, so that a real pause of hours does what one of a minute does. */
const longestStepMs = 60_000

/**
 * A clock that only goes forward. A Worker's `performance.now()` is its wall clock, which may be set: a step back counts as none, and one
 * forward as a minute at most.
 * @param read the host's clock, in milliseconds
 */
export function monotonicClock(read: () => number = () => performance.now()): MonotonicClock {
  let passed = 0
  let last = read()
  return () => {
    const now = read()
    passed += Math.min(longestStepMs, Math.max(0, now - last))
    last = now
    return passed
  }
}
