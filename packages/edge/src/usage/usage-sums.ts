import { counted, type UsageRow, type UsageSum } from '../stores/usage.ts'

/** Rows that add up: of each key there is one, which has all the counts, and what else the first of them had. */
export class UsageSums<Row extends UsageRow = UsageRow> {
  readonly #keyOf: (row: Row) => readonly (string | number)[]
  readonly #rows = new Map<string, Row>()

  constructor(keyOf: (row: Row) => readonly (string | number)[], rows: readonly Row[] = []) {
    this.#keyOf = keyOf
    for (const row of rows) this.add(row)
  }

  add(row: Row): void {
    const key = JSON.stringify(this.#keyOf(row))
    const known = this.#rows.get(key)
    this.#rows.set(key, known ? { ...known, ...plus(known, row) } : { ...row })
  }

  /** In the order in which their keys came. */
  get rows(): Row[] {
    return [...this.#rows.values()]
  }
}

const plus = (a: UsageSum, b: UsageSum): UsageSum => Object.fromEntries(counted.map((name) => [name, a[name] + b[name]])) as unknown as UsageSum
