/** A statement as PostgreSQL takes it. */
export interface PostgresStatement {
  text: string
  values: unknown[]
  writes: boolean
}

/** Strings and names in quotes, and parameters: `?2`, or `?`, each of which is the next. */
const parts = /'(?:[^']|'')*'|"[^"]*"|\?(\d*)/g

/**
 * A statement of the stores, which is SQLite's, with its values. In SQLite a value has the type, and in PostgreSQL the place: so each parameter is cast to what
 * its value is, and null, which has none, is written out. PostgreSQL's text has no U+0000: it is U+FFFD there. Nothing is found by it, and in JSON, where it is
 * an escape, it stays what it is.
 */
export function postgresStatement(query: string, given: readonly unknown[]): PostgresStatement {
  const values: unknown[] = []
  const numbers = new Map<number, number>()
  let next = 0
  const text = query.replaceAll(parts, (part, numbered: string | undefined) => {
    if (numbered === undefined) return part
    const index = numbered === '' ? next++ : Number(numbered) - 1
    const value = given[index]
    if (value === undefined) throw new Error(`parameter ${index + 1} of a statement has no value: ${query}`)
    if (value === null) return 'NULL'
    let number = numbers.get(index)
    if (number === undefined) numbers.set(index, (number = values.push(typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value)))
    return `$${number}::${typeOf(value)}`
  })
  return { text, values, writes: /\b(INSERT|UPDATE|DELETE)\b/.test(text) }
}

const typeOf = (value: unknown): string => (typeof value !== 'number' ? 'text' : Number.isInteger(value) ? 'bigint' : 'double precision')
