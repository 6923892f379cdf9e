/** Character classes and cases as Python's `str` knows them; JavaScript's own differ at the edges. */

/** What `str.isspace` takes, and `\s` in Python's `re`: unlike JavaScript's, with U+001C–U+001F and U+0085 and without U+FEFF. */
export const WHITESPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const space = new RegExp(`^[${WHITESPACE}]$`)
export const isSpace = (character: string): boolean => space.test(character)

/** Printed as it is by `repr`. */
export const isPrintable = (character: string): boolean => character === ' ' || !/[\p{C}\p{Z}]/u.test(character)

/** Every character of a text that is not empty has the property. */
export const every = (text: string, property: RegExp): boolean => text !== '' && [...text].every((character) => property.test(character))

export const CASED = /\p{Cased}/u
const LOWER = /\p{Lowercase}/u
const UPPER = /\p{Uppercase}/u
const TITLE = /\p{Lt}/u

/** `str.islower`: something has case, and nothing is in upper case. */
export const isLower = (text: string): boolean => [...text].some((c) => LOWER.test(c)) && ![...text].some((c) => UPPER.test(c) || TITLE.test(c))
export const isUpper = (text: string): boolean => [...text].some((c) => UPPER.test(c)) && ![...text].some((c) => LOWER.test(c) || TITLE.test(c))

/** The title case of a character: its upper case but for the digraphs, the Greek letters with iota below, Georgian, and what becomes several. */
const titleCase = (character: string): string => {
  const code = character.codePointAt(0)!
  if (code >= 0x1c4 && code <= 0x1cc) return String.fromCodePoint(0x1c5 + 3 * Math.floor((code - 0x1c4) / 3))
  if (code >= 0x1f1 && code <= 0x1f3) return '\u01f2'
  if ((code >= 0x10d0 && code <= 0x10fa) || (code >= 0x10fd && code <= 0x10ff)) return character
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8)
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9)
  const upper = [...character.toUpperCase()]
  const letter = upper.findIndex((each) => CASED.test(each)) + 1 || upper.length
  return upper.slice(0, letter).join('') + upper.slice(letter).join('').toLowerCase().replaceAll('\u03b9', '\u0345')
}

/** `str.capitalize`. */
export const capitalize = (text: string): string => {
  const [first, ...rest] = [...text]
  return first === undefined ? '' : titleCase(first) + lowerFrom(text, first.length, rest.length > 0)
}

/** The rest of a text in lower case, where a final sigma looks back at what was before it. */
const lowerFrom = (text: string, start: number, any: boolean): string => (any ? text.toLowerCase().slice(text.slice(0, start).toLowerCase().length) : '')

/** `str.title`: a letter after none in title case, after a letter in lower case. */
export const titled = (text: string): string => {
  let inWord = false
  let result = ''
  let at = 0
  for (const character of text) {
    result += inWord ? lowerAt(text, at, character) : titleCase(character)
    inWord = CASED.test(character)
    at += character.length
  }
  return result
}

/** `str.casefold`: lower case, what becomes several characters in upper case written out, and one sigma. */
export const caseFold = (text: string): string =>
  Array.from(text, (character) => {
    const upper = character.toUpperCase()
    return ([...upper].length > 1 ? upper : character).toLowerCase().replaceAll('ς', 'σ')
  }).join('')

/** `str.swapcase`. */
export const swapCase = (text: string): string => {
  let at = 0
  let result = ''
  for (const character of text) {
    result += UPPER.test(character) ? lowerAt(text, at, character) : character.toUpperCase()
    at += character.length
  }
  return result
}

/** The lower case of a character where it stands: a sigma's looks at what is around it. */
const lowerAt = (text: string, at: number, character: string): string =>
  character === 'Σ' ? text.toLowerCase()[text.slice(0, at).toLowerCase().length] : character.toLowerCase()

// biome-ignore lint/suspicious/noControlCharactersInRegex: U+001C to U+001E end lines in Python
const LINE_END = /\r\n|[\n-\r\x1c-\x1e\x85\u2028\u2029]/g

/** `str.splitlines`. */
export const lines = (text: string, keepEnds = false): string[] => {
  const found: string[] = []
  let start = 0
  for (const { 0: end, index } of text.matchAll(LINE_END)) {
    found.push(text.slice(start, keepEnds ? index + end.length : index))
    start = index + end.length
  }
  return start < text.length ? [...found, text.slice(start)] : found
}

/** `str.strip` and its halves: whitespace, or any of `characters`. */
export const strip = (text: string, characters: string | null, side: 'left' | 'right' | 'both'): string => {
  const within = characters === null ? isSpace : (character: string) => characters.includes(character)
  const all = [...text]
  let start = 0
  let end = all.length
  if (side !== 'right') while (start < end && within(all[start])) start++
  if (side !== 'left') while (end > start && within(all[end - 1])) end--
  return all.slice(start, end).join('')
}
