import { exactWhole } from '@weft/adapters'
import type { Term, Terms } from './automaton/terms.ts'
import { anyCharacter, character } from './characters.ts'
import { type Ranges, without } from './ranges.ts'

/** Spaces behind a line break: a document that is indented by two is written down to a depth of ten. */
const MOST_INDENTATION = 20

const QUOTE = 0x22
const BACKSLASH = 0x5c
const SHORT_ESCAPES: Readonly<Record<number, string>> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', [QUOTE]: '\\"', [BACKSLASH]: '\\\\' }
/** What JSON writes only in escapes (RFC 8259, section 7). */
const ESCAPED: Ranges = [
  [0, 0x1f],
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
]

/** Terms of the texts of JSON. White space has a bound, so that no answer is made of it. */
export class JsonText {
  readonly terms: Terms
  /** Between tokens: nothing, a space, or a new line that is indented. */
  readonly space: Term
  /** A character of a string, however it is written. */
  readonly character: Term
  readonly string: Term
  readonly integer: Term
  readonly number: Term
  readonly boolean: Term
  readonly null: Term

  constructor(terms: Terms) {
    this.terms = terms
    const { text, bytes, sequence, choice, repeat, optional } = bound(terms)
    const space = text(' ')
    this.space = choice([terms.empty, space, sequence(text('\n'), repeat(space, 0, MOST_INDENTATION))])
    const digit = bytes([[0x30, 0x39]])
    const positive = bytes([[0x31, 0x39]])
    const hex = bytes([
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ])
    const d = choice([text('d'), text('D')])
    const eight = choice([bytes([[0x38, 0x39]]), text('a'), text('A'), text('b'), text('B')])
    const c = choice(['c', 'C', 'd', 'D', 'e', 'E', 'f', 'F'].map(text))
    const belowSurrogates = choice([
      sequence(choice([digit, ...['a', 'A', 'b', 'B', 'c', 'C', 'e', 'E', 'f', 'F'].map(text)]), hex, hex, hex),
      sequence(d, bytes([[0x30, 0x37]]), hex, hex),
    ])
    const pair = sequence(text('\\u'), d, eight, hex, hex, text('\\u'), d, c, hex, hex)
    this.character = choice([this.written(anyCharacter), text('\\/'), sequence(text('\\u'), belowSurrogates), pair])
    this.string = this.quoted(repeat(this.character))
    // As many digits as a double has, and exponents that it can hold.
    const whole = (most: number) => choice([text('0'), sequence(positive, repeat(digit, 0, most - 1))])
    const fraction = sequence(text('.'), repeat(digit, 1, 24))
    const exponent = sequence(choice([text('e'), text('E')]), optional(choice([text('+'), text('-')])), exponents(terms))
    this.integer = sequence(optional(text('-')), whole(15))
    this.number = sequence(optional(text('-')), choice([sequence(whole(21), optional(fraction)), sequence(digit, optional(fraction), exponent)]))
    this.boolean = choice([text('true'), text('false')])
    this.null = text('null')
  }

  /** A character of these, as `JSON.stringify` writes it. */
  readonly written = (ranges: Ranges): Term => {
    const escaped = ranges.flatMap(([low, high]) => {
      const found: Term[] = []
      for (const [from, to] of ESCAPED)
        for (let code = Math.max(low, from); code <= Math.min(high, to); code++)
          found.push(this.terms.text(SHORT_ESCAPES[code] ?? `\\u${code.toString(16).padStart(4, '0')}`))
      return found
    })
    return this.terms.choice([character(this.terms, without(ranges, ESCAPED)), ...escaped])
  }

  quoted(content: Term): Term {
    return this.terms.sequence(this.terms.text('"'), content, this.terms.text('"'))
  }

  /** One value, with white space where any document may have it. */
  literal(value: unknown): Term {
    if (Array.isArray(value)) return this.array(value.map((item) => this.literal(item)))
    if (value === null || typeof value !== 'object' || exactWhole(value) !== undefined) return this.terms.text(JSON.stringify(value))
    return this.braces(
      '{',
      '}',
      Object.entries(value).map(([name, item]) => this.member(this.terms.text(JSON.stringify(name)), this.literal(item))),
    )
  }

  array(items: readonly Term[]): Term {
    return this.braces('[', ']', items)
  }

  member(name: Term, value: Term): Term {
    return this.terms.sequence(name, this.terms.text(':'), this.space, value)
  }

  /** Behind an item, the next. */
  another(item: Term): Term {
    return this.terms.sequence(this.terms.text(','), this.space, item)
  }

  braces(open: '{' | '[', close: '}' | ']', items: readonly Term[]): Term {
    return this.enclosed(open, close, this.terms.sequence(...items.map((item, i) => (i === 0 ? item : this.another(item)))))
  }

  /** What stands between brackets, with white space around it. */
  enclosed(open: '{' | '[', close: '}' | ']', content: Term): Term {
    return this.terms.sequence(this.terms.text(open), this.space, content, content === this.terms.empty ? this.terms.empty : this.space, this.terms.text(close))
  }
}

/** 0 to 307, with or without zeros before them as JavaScript leaves them out. */
function exponents(terms: Terms): Term {
  const { text, bytes, sequence, choice } = bound(terms)
  const digit = bytes([[0x30, 0x39]])
  return choice([digit, sequence(bytes([[0x31, 0x39]]), digit), sequence(bytes([[0x31, 0x32]]), digit, digit), sequence(text('30'), bytes([[0x30, 0x37]]))])
}

const bound = (terms: Terms) => ({
  text: (text: string) => terms.text(text),
  bytes: (ranges: Ranges) => terms.bytes(ranges),
  sequence: (...parts: readonly Term[]) => terms.sequence(...parts),
  choice: (options: readonly Term[]) => terms.choice(options),
  repeat: (of: Term, least?: number, most?: number) => terms.repeat(of, least, most),
  optional: (term: Term) => terms.optional(term),
})
