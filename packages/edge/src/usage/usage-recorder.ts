import type { AllUsage, UsageKey, UsageRow, UsageSum } from '../stores/usage.ts'
import { UsageSums } from './usage-sums.ts'

/** Notes what requests cost. Resolves when it is stored, which nobody should wait for. */
export type RecordUsage = (tenant: string, key: Omit<UsageKey, 'day'>, sum: Partial<UsageSum>) => Promise<void>

/** What is noted within this time is stored in one write. */
const gatheredMs = 200

const nothing: UsageSum = { requests: 0, failed: 0, limited: 0, promptTokens: 0, completionTokens: 0, totalMs: 0, streamed: 0, firstTokenMs: 0 }

/**
 * Sums up in memory what comes together, so that a thousand requests are not a thousand writes. Each request waits with a timer of its own, since a
 * Worker may not wait for another request's; the first to wake writes for all.
 */
export function usageRecorder(store: AllUsage, now: () => number = Date.now): RecordUsage {
  const nonePending = () => new UsageSums<UsageRow & { tenant: string }>((row) => [row.tenant, row.day, row.route, row.version, row.variant, row.kind])
  let pending = nonePending()
  return async (tenant, key, sum) => {
    pending.add({ tenant, day: dayOf(now()), ...key, ...nothing, ...sum })
    await new Promise((resolve) => setTimeout(resolve, gatheredMs))
    const { rows } = pending
    pending = nonePending()
    try {
      await store.add(rows)
    } catch (error) {
      // What could not be stored goes with what comes next.
      for (const row of rows) pending.add(row)
      throw error
    }
  }
}

/** `2026-11-26`, UTC. */
export const dayOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10)
