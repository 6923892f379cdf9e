/** A numeral of JSON with the digits that it was written with; it is written again as it was. What JavaScript calls raw JSON. */
interface Numeral {
  readonly rawJSON: string
}

interface Reviving {
  source?: string
}

/** Newer than what TypeScript knows of it, and absent in old Nodes, where numbers are the nearest doubles. */
const { rawJSON, isRawJSON, parse } = JSON as unknown as {
  rawJSON?: (text: string) => Numeral
  isRawJSON?: (value: unknown) => value is Numeral
  parse: (text: string, revive?: (this: unknown, key: string, value: unknown, context: Reviving) => unknown) => unknown
}

/** Keywords of a JSON schema whose numbers are compared with what is written. */
const comparing = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'const'])

/**
 * Parses JSON. Bounds and values of JSON schemas (`maximum`, `enum`, …) that are whole numerals keep their digits where a double does not: 9223372036854775807
 * is no longer the next double, 2 ** 63, which a schema that says so leaves out.
 */
export function parseExactly(text: string): unknown {
  if (!rawJSON || !/\d{16}/.test(text)) return JSON.parse(text)
  return parse(text, function (key, value, { source }) {
    if (source !== undefined) return (comparing.has(key) || Array.isArray(this)) && isInexact(source, value) ? rawJSON(source) : value
    return Array.isArray(value) && key !== 'enum' && key !== 'const' ? value.map((item) => (isRawJSON!(item) ? Number(item.rawJSON) : item)) : value
  })
}

const isInexact = (source: string, value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) && BigInt(source) !== BigInt(value)

/** Parses JSON whose numerals stay what they were written as, where a double is another number or is written otherwise: 12345678901234567890, and 1.0, which is no 1 to Python. */
export function parseWritten(text: string): unknown {
  if (!rawJSON || !/\d{16}|\d[.eE]/.test(text)) return JSON.parse(text)
  try {
    return parse(text, (_, value, { source }) =>
      source !== undefined && (isInexact(source, value) || (Number.isInteger(value) && /[.eE]/.test(source))) ? rawJSON(source) : value,
    )
  } catch (error) {
    // Thousands of levels are parsed, and not walked.
    if (error instanceof RangeError) return JSON.parse(text)
    throw error
  }
}

/** What Python reads in a numeral that kept how it was written: a bigint for its int, a number for its float. undefined of anything else. */
export const numberOf = (value: unknown): bigint | number | undefined =>
  isRawJSON?.(value) ? (/^-?\d+$/.test(value.rawJSON) ? BigInt(value.rawJSON) : Number(value.rawJSON)) : undefined

/** The whole number of a numeral that kept its digits; undefined of anything else. */
export const exactWhole = (value: unknown): bigint | undefined => (isRawJSON?.(value) ? BigInt(value.rawJSON) : undefined)
