import { templateFailed } from '../../errors.ts'
import { capitalize, lines, strip } from '../text/characters.ts'
import { printf } from '../text/printf.ts'
import { replaced } from '../text/searching.ts'
import { center } from '../text/string-methods.ts'
import { asCount, asText } from '../values/call.ts'
import { Dict, Tuple } from '../values/containers.ts'
import { isIterable, sizeOf, toList } from '../values/iteration.ts'
import { repr, str } from '../values/printing.ts'
import { isMissing, truth, typeName, type Value } from '../values/value.ts'
import type { Filter } from './filter.ts'

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' }
const escaped = (value: Value): string => str(value).replace(/[&<>'"]/g, (character) => ESCAPES[character])

const plain = (run: (value: Value) => Value): Filter => ({ parameters: [], run })
const htmlSafe = plain(escaped)

/** Words begin after white space, hyphens and opening brackets, and keep what upper case makes of their first letter. */
const title = (text: string): string =>
  text
    .split(/([-\s({[<]+)/)
    .filter((part) => part !== '')
    .map((part) => {
      const [first] = part
      return first.toUpperCase() + part.slice(first.length).toLowerCase()
    })
    .join('')

const indent = (value: Value, width: Value = 4n, first: Value = false, blank: Value = false): string => {
  const space = typeof width === 'string' ? width : ' '.repeat(asCount(width, 'width'))
  if (isMissing(value)) value.fail()
  const [head = '', ...rest] = lines(`${asText(value, 'what indent takes')}\n`)
  const indented = rest.map((line) => (truth(blank) || line !== '' ? space + line : line))
  return (truth(first) ? space : '') + [head, ...indented].join('\n')
}

/** Characters that a cut text may be longer than asked for. */
const LEEWAY = 5n

const truncate = (value: Value, length: Value = 255n, killWords: Value = false, end: Value = '...', leeway: Value = null): Value => {
  const size = sizeOf(value)
  const most = asCount(length, 'length')
  const dots = asText(end, 'end')
  const room = most - [...dots].length
  if (room < 0) throw templateFailed(`expected length >= ${[...dots].length}, got ${most}`)
  if (size === null) throw templateFailed(`object of type '${typeName(value)}' has no len()`)
  if (size <= most + asCount(leeway ?? LEEWAY, 'leeway')) return value
  const characters = [...asText(value, 'what truncate takes')]
  const cut = characters.slice(0, room).join('')
  if (truth(killWords)) return cut + dots
  return (cut.includes(' ') ? cut.slice(0, cut.lastIndexOf(' ')) : cut) + dots
}

const quote = (value: Value): string =>
  encodeURIComponent(str(value)).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
const quoteQuery = (value: Value): string => quote(value).replaceAll('%20', '+')

const pairOf = (value: Value): Value[] => {
  const pair = toList(value)
  if (pair.length !== 2) throw templateFailed(`${pair.length} values to unpack (expected 2)`)
  return pair
}

const urlencode = (value: Value): string => {
  if (typeof value === 'string' || !isIterable(value)) return quote(value).replaceAll('%2F', '/')
  const pairs = value instanceof Dict ? value.entries() : toList(value).map(pairOf)
  return pairs.map(([key, item]) => `${quoteQuery(key)}=${quoteQuery(item)}`).join('&')
}

const xmlattr = (value: Value, autospace: Value = true): string => {
  if (!(value instanceof Dict)) throw templateFailed('xmlattr takes a dict')
  const written = value
    .entries()
    .filter(([, item]) => item !== null && !isMissing(item))
    .map(([key, item]) => `${escaped(key)}="${escaped(item)}"`)
    .join(' ')
  return truth(autospace) && written ? ` ${written}` : written
}

export const textFilters: Record<string, Filter> = {
  capitalize: plain((value) => capitalize(str(value))),
  center: { parameters: ['width'], run: (value, width = 80n) => center.run(str(value), width) },
  e: htmlSafe,
  escape: htmlSafe,
  forceescape: htmlSafe,
  format: (value, { positional, named }) => {
    if (positional.length > 0 && named.size > 0) throw templateFailed("can't handle positional and keyword arguments at the same time")
    return printf(str(value), named.size > 0 ? new Dict(named) : new Tuple(positional))
  },
  indent: { parameters: ['width', 'first', 'blank'], run: indent },
  lower: plain((value) => str(value).toLowerCase()),
  pprint: plain((value) => {
    const text = repr(value)
    if (text.length > 80) throw templateFailed('pprint is supported for short values only')
    return text
  }),
  replace: {
    parameters: ['old', 'new', 'count'],
    required: 2,
    run: (value, old, by, count) => replaced(str(value), str(old!), str(by!), count === undefined || count === null ? -1 : asCount(count, 'count')),
  },
  safe: plain(str),
  string: plain(str),
  title: plain((value) => title(str(value))),
  trim: { parameters: ['chars'], run: (value, chars = null) => strip(str(value), chars === null ? null : asText(chars, 'chars'), 'both') },
  truncate: { parameters: ['length', 'killwords', 'end', 'leeway'], run: truncate },
  upper: plain((value) => str(value).toUpperCase()),
  urlencode: plain(urlencode),
  wordcount: plain((value) => BigInt(str(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)),
  xmlattr: { parameters: ['autospace'], run: xmlattr },
}
