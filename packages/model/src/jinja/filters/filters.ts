import { templateFailed } from '../../errors.ts'
import { runTest } from '../tests.ts'
import { inOrder } from '../values/call.ts'
import type { Arguments, Value } from '../values/value.ts'
import type { Filter, Registry } from './filter.ts'
import { jsonFilters } from './json.ts'
import { numberFilters } from './number.ts'
import { selectionFilters } from './selection.ts'
import { sequenceFilters } from './sequence.ts'
import { textFilters } from './text.ts'

/** `value | name(arguments)`. */
export const filters: Record<string, Filter> = { ...textFilters, ...numberFilters, ...sequenceFilters, ...selectionFilters, ...jsonFilters }

export const applyFilter = (name: string, value: Value, args: Arguments): Value => {
  if (!Object.hasOwn(filters, name)) throw templateFailed(`No filter named '${name}'.`)
  const filter = filters[name]
  if (typeof filter === 'function') return filter(value, args, registry)
  return filter.run(value, ...inOrder(name, filter.parameters, args, filter.required))
}

const registry: Registry = { filter: applyFilter, test: (name, value, { positional }) => runTest(name, value, positional) }
