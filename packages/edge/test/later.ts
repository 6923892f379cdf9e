import { vi } from 'vitest'

/**
 * How far the last of these was from now. Files that share a Worker share what it remembers, and so they share this: each goes further than all before it.
 */
let aheadMs = 0

/** From here on, until mocks are restored, what the Worker has heard of models and keys is old. */
export function later(): void {
  aheadMs += 700_000
  const now = Date.now() + aheadMs
  vi.spyOn(Date, 'now').mockReturnValue(now)
}
