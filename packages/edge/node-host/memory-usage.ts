import { plus, type UsageRow, type UsageStore } from '../src/stores/usage.ts'

/** Sums in the memory of one process. */
export function memoryUsage(): UsageStore {
  const held = new Map<string, UsageRow & { tenant: string }>()
  return {
    async add(rows) {
      for (const row of rows) {
        const key = JSON.stringify([row.tenant, row.day, row.route, row.version, row.variant, row.kind])
        const known = held.get(key)
        held.set(key, known ? { ...known, ...plus(known, row) } : { ...row })
      }
    },
    list: async (tenant, { from, to, route }) =>
      [...held.values()]
        .filter((row) => row.tenant === tenant && row.day >= from && row.day <= to && (route === undefined || row.route === route))
        .map(({ tenant: _, ...row }) => row)
        .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0)),
  }
}
