import { isWeftError } from '@weft/adapters'
import { unsupportedSchema } from '../../errors.ts'
import { lengths } from '../automaton/lengths.ts'
import type { Term } from '../automaton/terms.ts'
import type { JsonText } from '../json-text.ts'
import { regexTerm } from '../regex.ts'
import { formats } from './formats.ts'
import { pointer, type SchemaObject } from './keywords.ts'
import { count } from './numbers-of.ts'
import type { Unenforced } from './unenforced.ts'

/** Strings of a pattern, or of a format, or of a length. */
export function stringTerm(json: JsonText, schema: SchemaObject, path: string, unenforced: Unenforced): Term {
  const { pattern, format } = schema
  const refusal = (keyword: string, reason: string): Error => unsupportedSchema(pointer(path, keyword), reason)
  const least = count(schema, 'minLength', path)
  const most = count(schema, 'maxLength', path)
  const expression = (source: string, keyword: string, whole: boolean): Term =>
    regexTerm(json.terms, source, { write: json.written, whole, refuse: (reason) => refusal(keyword, reason) })

  const ofPattern = (): Term | undefined => {
    if (pattern === undefined) return undefined
    if (typeof pattern !== 'string') throw refusal('pattern', 'expected a regular expression')
    const length = least === undefined ? (most === undefined ? undefined : 'maxLength') : 'minLength'
    if (length) unenforced(refusal(length, 'it stands beside a pattern: write the length into that'))
    try {
      return expression(pattern, 'pattern', false)
    } catch (error) {
      // What is wrong with the pattern, and not with how much of everything there is.
      if (!isWeftError(error) || error.code !== 'unsupported_schema') throw error
      unenforced(error)
      return undefined
    }
  }

  const ofFormat = (): Term | undefined => {
    if (format === undefined) return undefined
    if (typeof format !== 'string') throw refusal('format', 'expected the name of a format')
    if (!Object.hasOwn(formats, format)) {
      unenforced(refusal('format', `${JSON.stringify(format)} is not among ${Object.keys(formats).join(', ')}; write a pattern`))
      return undefined
    }
    const content = expression(formats[format], 'format', true)
    // A format is of single bytes, so that these are its characters.
    const own = lengths(content)
    if ((least ?? 0) > own.least)
      unenforced(refusal('minLength', `it stands beside a format whose shortest text has ${own.least} characters: write a pattern of that length`))
    if ((most ?? Number.POSITIVE_INFINITY) < own.most)
      unenforced(refusal('maxLength', `it stands beside a format whose longest text has ${own.most} characters: write a pattern of that length`))
    return content
  }

  const ofLength = (): Term => {
    if ((least ?? 0) > (most ?? Number.POSITIVE_INFINITY)) throw refusal('minLength', 'it is more than maxLength')
    return json.terms.repeat(json.character, least, most)
  }

  return json.quoted(ofPattern() ?? ofFormat() ?? ofLength())
}
