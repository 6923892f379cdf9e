import type { Arguments, Value } from '../values/value.ts'

/** What a filter may ask for: the other filters and the tests, by name. */
export interface Registry {
  filter(name: string, value: Value, args: Arguments): Value
  test(name: string, value: Value, args: Arguments): boolean
}

/** A filter with parameters of its own. Arguments that are not given arrive as undefined. */
export interface PlainFilter {
  parameters: readonly string[]
  required?: number
  run(value: Value, ...given: (Value | undefined)[]): Value
}

/** A filter that takes any arguments, as those that name another filter or test. */
export type OpenFilter = (value: Value, args: Arguments, registry: Registry) => Value

export type Filter = PlainFilter | OpenFilter
