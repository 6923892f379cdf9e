import { templateFailed } from '../../errors.ts'
import { asText } from '../values/call.ts'
import { toList } from '../values/iteration.ts'
import { toJson } from '../values/json.ts'
import { truth, type Value } from '../values/value.ts'
import type { Filter } from './filter.ts'

/** Transformers' own `tojson`, which escapes nothing for HTML. */
const tojson = (value: Value, ensureAscii: Value = false, indent: Value = null, separators: Value = null, sortKeys: Value = false): string => {
  const [item, key] = separators === null ? [indent === null ? ', ' : ',', ': '] : toList(separators).map((each) => asText(each, 'a separator'))
  return toJson(value, { ensureAscii: truth(ensureAscii), indent: indentation(indent), itemSeparator: item, keySeparator: key, sortKeys: truth(sortKeys) })
}

const indentation = (indent: Value): string | null => {
  if (indent === null || typeof indent === 'string') return indent
  if (typeof indent !== 'bigint' && typeof indent !== 'boolean') throw templateFailed('indent must be an integer or a string')
  return ' '.repeat(Math.max(0, Number(indent)))
}

export const jsonFilters: Record<string, Filter> = {
  tojson: { parameters: ['ensure_ascii', 'indent', 'separators', 'sort_keys'], run: tojson },
}
