import { type AllUsage, plus, type TenantUsage, type UsageRow } from '../src/stores/usage.ts'

/** Sums of every tenant in the memory of one process. */
export class MemoryUsage implements AllUsage {
  readonly #held = new Map<string, UsageRow & { tenant: string }>()

  async add(rows: readonly (UsageRow & { tenant: string })[]): Promise<void> {
    for (const row of rows) {
      const key = JSON.stringify([row.tenant, row.day, row.route, row.version, row.variant, row.kind])
      const known = this.#held.get(key)
      this.#held.set(key, known ? { ...known, ...plus(known, row) } : { ...row })
    }
  }

  of(tenant: string): TenantUsage {
    return {
      list: async ({ from, to, route }) =>
        [...this.#held.values()]
          .filter((row) => row.tenant === tenant && row.day >= from && row.day <= to && (route === undefined || row.route === route))
          .map(({ tenant: _, ...row }) => row)
          .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0)),
    }
  }
}
