const NAMED: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\n': '' }

/** A string literal's inside, its escapes read as Python's; what is none stays as it is. */
export const unescaped = (source: string): string =>
  source.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([abfnrtv\n'"\\]))/g,
    (_, x, u, wide, octal, other: string | undefined) => {
      if (other !== undefined) return NAMED[other] ?? other
      return String.fromCodePoint(octal === undefined ? Number.parseInt(x ?? u ?? wide, 16) : Number.parseInt(octal, 8))
    },
  )

/** An integer literal: decimal, or in another base by its prefix. */
export const integerLiteral = (text: string): bigint => BigInt(text.toLowerCase())
