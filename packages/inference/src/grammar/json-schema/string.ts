import { unsupportedSchema } from '../../errors.ts'
import type { Term } from '../automaton/terms.ts'
import type { JsonText } from '../json-text.ts'
import { regexTerm } from '../regex.ts'
import { formats } from './formats.ts'
import { pointer, type SchemaObject } from './keywords.ts'
import { count } from './numbers-of.ts'

/** Strings of a length, or of a pattern, or of a format. */
export function stringTerm(json: JsonText, schema: SchemaObject, path: string): Term {
  const { pattern, format } = schema
  const least = count(schema, 'minLength', path)
  const most = count(schema, 'maxLength', path)
  const expression = (source: string, keyword: string, whole: boolean): Term => {
    const length = least === undefined ? (most === undefined ? undefined : 'maxLength') : 'minLength'
    if (length) throw unsupportedSchema(pointer(path, length), `it stands beside a ${keyword}: write the length into that`)
    return regexTerm(json.terms, source, { write: json.written, whole, refuse: (reason) => unsupportedSchema(pointer(path, keyword), reason) })
  }
  if (pattern !== undefined) {
    if (typeof pattern !== 'string') throw unsupportedSchema(pointer(path, 'pattern'), 'expected a regular expression')
    return json.quoted(expression(pattern, 'pattern', false))
  }
  if (format !== undefined) {
    if (typeof format !== 'string' || !Object.hasOwn(formats, format))
      throw unsupportedSchema(pointer(path, 'format'), `${JSON.stringify(format)} is not among ${Object.keys(formats).join(', ')}; write a pattern`)
    return json.quoted(expression(formats[format], 'format', true))
  }
  if ((least ?? 0) > (most ?? Number.POSITIVE_INFINITY)) throw unsupportedSchema(pointer(path, 'minLength'), 'it is more than maxLength')
  return json.quoted(json.terms.repeat(json.character, least, most))
}
