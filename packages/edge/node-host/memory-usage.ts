import type { AllUsage, TenantUsage, UsageRow } from '../src/stores/usage.ts'
import { UsageSums } from '../src/usage/usage-sums.ts'

/** Sums of every tenant in the memory of one process. */
export class MemoryUsage implements AllUsage {
  readonly #held = new UsageSums<UsageRow & { tenant: string }>((row) => [row.tenant, row.day, row.route, row.version, row.variant, row.kind])

  async add(rows: readonly (UsageRow & { tenant: string })[]): Promise<void> {
    for (const row of rows) this.#held.add(row)
  }

  of(tenant: string): TenantUsage {
    return {
      list: async ({ from, to, route }) =>
        this.#held.rows
          .filter((row) => row.tenant === tenant && row.day >= from && row.day <= to && (route === undefined || row.route === route))
          .map(({ tenant: _, ...row }) => row)
          .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0)),
    }
  }
}
