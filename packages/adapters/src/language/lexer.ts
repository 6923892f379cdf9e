import { invalidStrength, syntaxError } from '../errors.ts'
import { aliasSchema } from '../schema/names.ts'
import { strengthRange, tooSmall } from './limits.ts'

export type Token =
  | { kind: 'number'; value: number; offset: number }
  | { kind: 'name'; name: string; version?: number; alias?: string; digest?: string; offset: number }
  | { kind: 'text'; text: string; offset: number }
  | { kind: '+' | '*' | '(' | ')' | ','; offset: number }
  | { kind: 'end'; offset: number }

const space = /[ \t\r\n]+/y
const numeral = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const reference = /([A-Za-z][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*)(@[A-Za-z0-9:_.-]*)?/y
const wordAfterNumber = /[A-Za-z0-9_.]/
/** What other languages, and word processors, put around a text. */
const otherQuotes = /['`´‘’“”„«»]/

/** The tokens of an expression, an `end` last. Errors carry the character's offset. */
export function lex(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  while (at < source.length) {
    const blank = match(space)
    if (blank) {
      at += blank[0].length
      continue
    }
    const offset = at
    const character = source[at]
    if ('+*(),'.includes(character)) {
      tokens.push({ kind: character as '+', offset })
      at++
      continue
    }
    if (character === '"') {
      const literal = readString(source, at)
      tokens.push({ kind: 'text', text: literal.text, offset })
      at = literal.end
      continue
    }
    const number = match(numeral)
    if (number) {
      at += number[0].length
      if (at < source.length && wordAfterNumber.test(source[at])) {
        throw syntaxError(source, at, `"${number[0]}" runs into "${source[at]}"; a strength is written 0.5*name, and names begin with a letter`)
      }
      const value = Number(number[0])
      // Told as it was written: read, it is no number any more.
      if (!Number.isFinite(value)) throw invalidStrength(number[0].slice(0, 32), strengthRange, offset)
      if (value === 0 && /[1-9]/.test(number[0].split(/e/i)[0]!)) throw invalidStrength(number[0].slice(0, 32), tooSmall, offset)
      tokens.push({ kind: 'number', value, offset })
      continue
    }
    const name = match(reference)
    if (name) {
      at += name[0].length
      tokens.push({ kind: 'name', name: name[1], ...version(source, offset + name[1].length, name[2]), offset })
      continue
    }
    if (character === '-')
      throw syntaxError(
        source,
        offset,
        'nothing is subtracted; leave a term out, weaken it with a strength between 0 and 1, or give it a negative one: a + -0.5*b',
      )
    if (otherQuotes.test(character)) throw syntaxError(source, offset, `unexpected ${character}; a text stands in double quotes, "Answer briefly."`)
    // Of two halves of a character, both.
    const whole = String.fromCodePoint(source.codePointAt(offset)!)
    throw syntaxError(source, offset, `unexpected ${JSON.stringify(whole)}; expected a name, a "text", a strength or "("`)
  }
  tokens.push({ kind: 'end', offset: source.length })
  return tokens
}

function version(source: string, offset: number, suffix: string | undefined): { version?: number; alias?: string; digest?: string } {
  if (suffix === undefined) return {}
  const pinned = suffix.slice(1)
  if (/^[1-9]\d{0,8}$/.test(pinned)) return { version: Number(pinned) }
  if (/^sha256:[0-9a-f]{64}$/.test(pinned)) return { digest: pinned }
  if (aliasSchema.safeParse(pinned).success) return { alias: pinned }
  throw syntaxError(source, offset, `"${suffix}" is no version; write @3, an alias such as @prod, or @sha256: and 64 hex digits`)
}

/** A string in double quotes with JSON's escapes. */
function readString(source: string, start: number): { text: string; end: number } {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === '"') {
      const text = unescaped(source, start, at + 1)
      // In UTF-8, as it is stored and tokenized, it would be another character.
      if (!text.isWellFormed())
        throw syntaxError(source, start, 'the text that begins here holds half of a character, such as \\ud83d without the other; cut it between characters')
      return { text, end: at + 1 }
    }
  }
  throw syntaxError(source, start, 'the text that begins here is never closed; add a "')
}

function unescaped(source: string, start: number, end: number): string {
  const raw = source.slice(start, end)
  try {
    return JSON.parse(raw.replace(/[\n\r\t]/g, (c) => JSON.stringify(c).slice(1, -1))) as string
  } catch {
    throw syntaxError(source, start, `the text ${raw} has an escape that JSON does not know`)
  }
}
