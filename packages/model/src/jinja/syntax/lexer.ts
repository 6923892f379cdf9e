import { templateSyntax } from '../../errors.ts'
import { isSpace, WHITESPACE } from '../text/characters.ts'
import { unescaped } from './literals.ts'

export interface Token {
  type: 'data' | 'block_begin' | 'block_end' | 'variable_begin' | 'variable_end' | 'name' | 'string' | 'integer' | 'float' | 'operator' | 'end'
  /** The text; of a string, what it stands for. */
  value: string
  line: number
}

const S = `[${WHITESPACE}]`
/** Up to the next tag; its sign decides what becomes of the text before it. Comments and raw text stand first: they begin as other tags do. */
const NEXT_TAG = new RegExp(`\\{%([-+]?)${S}*raw${S}*(-%\\}${S}*|%\\})|\\{(%|#|\\{)([-+]?)`, 'g')
const COMMENT_END = new RegExp(`\\+#\\}|-#\\}${S}*|#\\}\\n?`, 'g')
const RAW_END = new RegExp(`\\{%([-+]?)${S}*endraw${S}*(?:\\+%\\}|-%\\}${S}*|%\\}\\n?)`, 'g')
const BLOCK_END = new RegExp(`\\+%\\}|-%\\}${S}*|%\\}\\n?`, 'y')
const VARIABLE_END = new RegExp(`-\\}\\}${S}*|\\}\\}`, 'y')
const RULES: [Token['type'] | 'whitespace', RegExp][] = [
  ['whitespace', new RegExp(`${S}+`, 'y')],
  ['float', /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy],
  ['integer', /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy],
  ['name', /[\p{L}\p{Nl}_\p{M}\p{Nd}\p{Pc}]+/uy],
  ['string', /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y],
  ['operator', /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y],
]
const CLOSING: Record<string, string> = { ')': '(', ']': '[', '}': '{' }

/** A template's tokens, as Jinja cuts it with `trim_blocks` and `lstrip_blocks`: the settings that Transformers renders chats with. */
export const tokenize = (template: string): Token[] => {
  const source = template.replace(/\r\n?/g, '\n').replace(/\n$/, '')
  const tokens: Token[] = []
  let at = 0
  let line = 1
  /** Whether what was read last ended a line: a tag there may have its indentation taken away. */
  let lineStarts = true
  const matchAt = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  const advance = (end: number): void => {
    for (let i = at; i < end; i++) if (source[i] === '\n') line++
    if (end > at) lineStarts = source[end - 1] === '\n'
    at = end
  }
  const text = (raw: string, sign: string, mayStrip: boolean): void => {
    const value = sign === '-' ? strippedEnd(raw) : mayStrip && sign !== '+' ? withoutIndentation(raw, lineStarts) : raw
    if (value) tokens.push({ type: 'data', value, line })
  }
  /** To the end of a comment or of raw text. */
  const skipTo = (pattern: RegExp, missing: string): RegExpExecArray => {
    const found = matchAt(pattern)
    if (!found) throw templateSyntax(line, missing)
    return found
  }

  while (at < source.length) {
    const tag = matchAt(NEXT_TAG)
    if (!tag) {
      text(source.slice(at), '', false)
      break
    }
    const [whole, rawSign, , kind, sign] = tag
    text(source.slice(at, tag.index), rawSign ?? sign, kind !== '{')
    advance(tag.index + whole.length)
    if (at === source.length && kind !== '%' && kind !== '{') break // Jinja lets a comment end with the template that it has only begun in
    if (kind === undefined) {
      const end = skipTo(RAW_END, 'Missing end of raw directive')
      text(source.slice(at, end.index), end[1], true)
      advance(end.index + end[0].length)
    } else if (kind === '#') {
      const end = skipTo(COMMENT_END, 'Missing end of comment tag')
      advance(end.index + end[0].length)
    } else readTag(kind === '%' ? 'block' : 'variable')
  }
  tokens.push({ type: 'end', value: 'end of template', line })
  return tokens

  function readTag(kind: 'block' | 'variable'): void {
    tokens.push({ type: `${kind}_begin`, value: kind === 'block' ? '{%' : '{{', line })
    const open: string[] = []
    while (at < source.length) {
      const end = open.length === 0 ? matchAt(kind === 'block' ? BLOCK_END : VARIABLE_END) : null
      if (end) {
        tokens.push({ type: `${kind}_end`, value: kind === 'block' ? '%}' : '}}', line })
        return advance(at + end[0].length)
      }
      const [type, [value]] = nextToken()
      if (type === 'operator') balance(open, value)
      if (type !== 'whitespace') tokens.push({ type, value: meaning(type, value), line })
      advance(at + value.length)
    }
  }

  function nextToken(): [Token['type'] | 'whitespace', RegExpExecArray] {
    for (const [type, pattern] of RULES) {
      const found = matchAt(pattern)
      if (found && !(type === 'name' && /^[\p{M}\p{Nd}]/u.test(found[0]))) return [type, found]
    }
    throw templateSyntax(line, `unexpected char ${JSON.stringify(source[at])}`)
  }

  function balance(open: string[], value: string): void {
    if ('([{'.includes(value)) open.push(value)
    else if (value in CLOSING && open.pop() !== CLOSING[value]) throw templateSyntax(line, `unexpected '${value}'`)
  }
}

/** A token's text without quotes, escapes and the underscores between digits. */
const meaning = (type: Token['type'], text: string): string => {
  if (type === 'string') return unescaped(text.slice(1, -1))
  return type === 'integer' || type === 'float' ? text.replaceAll('_', '') : text
}

const strippedEnd = (text: string): string => {
  let end = text.length
  while (end > 0 && isSpace(text[end - 1])) end--
  return text.slice(0, end)
}

/** Without the whitespace between the last line break and the tag, where there is nothing else. */
const withoutIndentation = (text: string, lineStarts: boolean): string => {
  const start = text.lastIndexOf('\n') + 1
  return (start > 0 || lineStarts) && [...text.slice(start)].every(isSpace) ? text.slice(0, start) : text
}
