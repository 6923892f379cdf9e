import { templateFailed } from '../../errors.ts'
import { asCount, asText, type Method } from '../values/call.ts'
import { Tuple } from '../values/containers.ts'
import { iterate } from '../values/iteration.ts'
import type { Value } from '../values/value.ts'
import { CASED, capitalize, caseFold, every, isLower, isPrintable, isSpace, isUpper, lines, strip, swapCase, titled } from './characters.ts'
import { occurrences, replaced, splitAt, splitWords } from './searching.ts'

type TextMethod = Method<string>

const plain = (run: (text: string) => Value): TextMethod => ({ parameters: [], run })
const test = (property: RegExp): TextMethod => plain((text) => every(text, property))

const stripping = (side: 'left' | 'right' | 'both'): TextMethod => ({
  parameters: ['chars'],
  run: (text, chars = null) => strip(text, chars === null ? null : asText(chars, 'strip arg'), side),
})

/** Whether a text begins (or ends) with an affix, or one of a tuple of them, between two places. */
const affix = (has: (text: string, affix: string) => boolean): TextMethod => ({
  parameters: ['prefix', 'start', 'end'],
  required: 1,
  run: (text, affixes, start = null, end = null) => {
    if (typeof affixes !== 'string' && !(affixes instanceof Tuple)) throw templateFailed('first arg must be str or a tuple of str')
    const part = start === null && end === null ? text : between(text, start, end)
    return (typeof affixes === 'string' ? [affixes] : affixes.items).some((each) => has(part, asText(each, 'the affix')))
  },
})

const between = (text: string, start: Value, end: Value): string =>
  [...text].slice(start === null ? 0 : asCount(start, 'start'), end === null ? undefined : asCount(end, 'end')).join('')

const splitting = (fromEnd: boolean): TextMethod => ({
  parameters: ['sep', 'maxsplit'],
  run: (text, separator = null, most = -1n) => {
    const limit = asCount(most, 'maxsplit')
    return separator === null ? splitWords(text, limit, fromEnd) : splitAt(text, asText(separator, 'sep'), limit, fromEnd)
  },
})

/** Where a text is found, in code points, or −1. */
const finding = (last: boolean, must: boolean): TextMethod => ({
  parameters: ['sub', 'start', 'end'],
  required: 1,
  run: (text, sub, start = null, end = null) => {
    const sought = asText(sub, 'the text to find')
    const all = [...text]
    const from = start === null ? 0 : asCount(start, 'start')
    const offset = from < 0 ? Math.max(0, from + all.length) : from
    const part = all.slice(offset, end === null ? undefined : asCount(end, 'end')).join('')
    const at = offset > all.length ? -1 : last ? part.lastIndexOf(sought) : part.indexOf(sought)
    if (at < 0 && must) throw templateFailed('substring not found')
    return BigInt(at < 0 ? -1 : offset + [...part.slice(0, at)].length)
  },
})

const partition = (last: boolean): TextMethod => ({
  parameters: ['sep'],
  required: 1,
  run: (text, sep) => {
    const separator = asText(sep, 'sep')
    if (separator === '') throw templateFailed('empty separator')
    const at = last ? text.lastIndexOf(separator) : text.indexOf(separator)
    if (at < 0) return new Tuple(last ? ['', '', text] : [text, '', ''])
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)])
  },
})

/** To a width in code points: text, fill, and how many of the missing places go to the left. */
const padding = (left: (missing: number, width: number) => number): TextMethod => ({
  parameters: ['width', 'fillchar'],
  required: 1,
  run: (text, width, fill = ' ') => {
    const total = asCount(width, 'width')
    const missing = Math.max(0, total - [...text].length)
    const before = left(missing, total)
    const filler = asText(fill, 'fillchar')
    return filler.repeat(before) + text + filler.repeat(missing - before)
  },
})

export const center = padding((missing, width) => Math.floor(missing / 2) + (missing & width & 1))

/** There, but not to be called: what makes bytes or tables. */
const refused = (name: string): TextMethod => ({
  parameters: ['first', 'second', 'third'],
  run: () => {
    throw templateFailed(`str.${name} is not supported in chat templates`)
  },
})

export const stringMethods: Record<string, TextMethod> = {
  capitalize: plain(capitalize),
  casefold: plain(caseFold),
  center,
  count: { parameters: ['sub'], required: 1, run: (text, sub) => BigInt(occurrences(text, asText(sub, 'the text to count'))) },
  encode: refused('encode'),
  endswith: affix((text, end) => text.endsWith(end)),
  expandtabs: refused('expandtabs'),
  find: finding(false, false),
  format_map: refused('format_map'),
  index: finding(false, true),
  isalnum: test(/[\p{L}\p{N}]/u),
  isalpha: test(/\p{L}/u),
  isascii: plain((text) => [...text].every((character) => character.codePointAt(0)! < 128)),
  isdecimal: test(/\p{Nd}/u),
  isdigit: test(/[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490]/u),
  isidentifier: plain((text) => /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{M}\p{Nd}\p{Pc}]*$/u.test(text)),
  islower: plain(isLower),
  isnumeric: test(/[\p{N}一二三四五六七八九十百千万億兆零〇]/u),
  isprintable: plain((text) => [...text].every(isPrintable)),
  isspace: plain((text) => text !== '' && [...text].every(isSpace)),
  istitle: plain((text) => CASED.test(text) && titled(text) === text),
  isupper: plain(isUpper),
  join: {
    parameters: ['iterable'],
    required: 1,
    run: (text, parts) => [...iterate(parts)].map((part) => asText(part, 'sequence item')).join(text),
  },
  ljust: padding(() => 0),
  lower: plain((text) => text.toLowerCase()),
  lstrip: stripping('left'),
  maketrans: refused('maketrans'),
  partition: partition(false),
  removeprefix: {
    parameters: ['prefix'],
    required: 1,
    run: (text, prefix) => (text.startsWith(asText(prefix, 'prefix')) ? text.slice((prefix as string).length) : text),
  },
  removesuffix: {
    parameters: ['suffix'],
    required: 1,
    run: (text, suffix) => (text.endsWith(asText(suffix, 'suffix')) ? text.slice(0, text.length - (suffix as string).length) : text),
  },
  replace: {
    parameters: ['old', 'new', 'count'],
    required: 2,
    run: (text, old, by, count = -1n) => replaced(text, asText(old, 'replace() argument 1'), asText(by, 'replace() argument 2'), asCount(count, 'count')),
  },
  rfind: finding(true, false),
  rindex: finding(true, true),
  rjust: padding((missing) => missing),
  rpartition: partition(true),
  rsplit: splitting(true),
  rstrip: stripping('right'),
  split: splitting(false),
  splitlines: { parameters: ['keepends'], run: (text, keepEnds = false) => lines(text, Boolean(keepEnds)) },
  startswith: affix((text, start) => text.startsWith(start)),
  strip: stripping('both'),
  swapcase: plain(swapCase),
  title: plain(titled),
  translate: refused('translate'),
  upper: plain((text) => text.toUpperCase()),
  zfill: {
    parameters: ['width'],
    required: 1,
    run: (text, width) => {
      const sign = /^[+-]/.test(text) ? text[0] : ''
      return sign + '0'.repeat(Math.max(0, asCount(width, 'width') - [...text].length)) + text.slice(sign.length)
    },
  },
}
