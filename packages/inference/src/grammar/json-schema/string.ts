import { unsupportedSchema } from '../../errors.ts'
import { lengths } from '../automaton/lengths.ts'
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
  const expression = (source: string, keyword: string, whole: boolean): Term =>
    regexTerm(json.terms, source, { write: json.written, whole, refuse: (reason) => unsupportedSchema(pointer(path, keyword), reason) })
  if (pattern !== undefined) {
    if (typeof pattern !== 'string') throw unsupportedSchema(pointer(path, 'pattern'), 'expected a regular expression')
    const length = least === undefined ? (most === undefined ? undefined : 'maxLength') : 'minLength'
    if (length) throw unsupportedSchema(pointer(path, length), 'it stands beside a pattern: write the length into that')
    return json.quoted(expression(pattern, 'pattern', false))
  }
  if (format !== undefined) {
    if (typeof format !== 'string' || !Object.hasOwn(formats, format))
      throw unsupportedSchema(pointer(path, 'format'), `${JSON.stringify(format)} is not among ${Object.keys(formats).join(', ')}; write a pattern`)
    const content = expression(formats[format], 'format', true)
    // A format is of single bytes, so that these are its characters.
    const own = lengths(content)
    if ((least ?? 0) > own.least)
      throw unsupportedSchema(
        pointer(path, 'minLength'),
        `it stands beside a format whose shortest text has ${own.least} characters: write a pattern of that length`,
      )
    if ((most ?? Number.POSITIVE_INFINITY) < own.most)
      throw unsupportedSchema(
        pointer(path, 'maxLength'),
        `it stands beside a format whose longest text has ${own.most} characters: write a pattern of that length`,
      )
    return json.quoted(content)
  }
  if ((least ?? 0) > (most ?? Number.POSITIVE_INFINITY)) throw unsupportedSchema(pointer(path, 'minLength'), 'it is more than maxLength')
  return json.quoted(json.terms.repeat(json.character, least, most))
}
