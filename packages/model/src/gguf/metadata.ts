import { invalidGguf } from '../errors.ts'

/** A GGUF's key-value pairs, as its reader gives them: 64-bit integers are bigints. */
export type Metadata = Readonly<Record<string, unknown>>

/** Typed access to metadata. Every getter throws `invalid_gguf` for a value of another kind. */
export function metadataOf(file: string, metadata: Metadata) {
  const get = <T>(key: string, kind: string, is: (value: unknown) => value is T): T | undefined => {
    const value = metadata[key]
    if (value === undefined) return undefined
    if (!is(value)) throw invalidGguf(file, `metadata ${key} is no ${kind}.`)
    return value
  }
  const needed = <T>(key: string, value: T | undefined): T => {
    if (value === undefined) throw invalidGguf(file, `it has no metadata ${key}.`)
    return value
  }
  const number = (key: string): number | undefined => {
    const value = get(key, 'number', (x): x is number | bigint => typeof x === 'number' || typeof x === 'bigint')
    return value === undefined ? undefined : Number(value)
  }
  const text = (key: string): string | undefined => get(key, 'string', (x): x is string => typeof x === 'string')
  return {
    file,
    number,
    text,
    flag: (key: string) => get(key, 'boolean', (x): x is boolean => typeof x === 'boolean'),
    texts: (key: string) => get(key, 'list of strings', (x): x is string[] => Array.isArray(x) && x.every((each) => typeof each === 'string')),
    numbers: (key: string) => get(key, 'list of numbers', (x): x is number[] => Array.isArray(x) && x.every((each) => typeof each === 'number')),
    neededNumber: (key: string): number => needed(key, number(key)),
    neededText: (key: string): string => needed(key, text(key)),
  }
}

export type MetadataReader = ReturnType<typeof metadataOf>
