import { byteCharacters } from './byte-characters.ts'
import { type Definition, unknownPart } from './definition.ts'
import { compilePattern, replaceMatches } from './pattern.ts'
import { precompiled } from './precompiled.ts'

export type Normalizer = (text: string) => string

/** Character by character, as Rust's `char::to_lowercase`: no sigma is final. */
const lowercase: Normalizer = (text) => Array.from(text, (character) => character.toLowerCase()).join('')

const isChinese = (code: number): boolean =>
  (code >= 0x4e00 && code <= 0x9fff) ||
  (code >= 0x3400 && code <= 0x4dbf) ||
  (code >= 0x20000 && code <= 0x2a6df) ||
  (code >= 0x2a700 && code <= 0x2b73f) ||
  (code >= 0x2b740 && code <= 0x2b81f) ||
  (code >= 0x2b920 && code <= 0x2ceaf) ||
  (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0x2f800 && code <= 0x2fa1f)

/** What BERT's cleaning takes away: control, format and private characters, but for the white space among them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\uFFFD]/u

const cleaned: Normalizer = (text) =>
  Array.from(text, (character) => {
    if (!/[\t\n\r]/.test(character) && INVISIBLE.test(character)) return ''
    return /\p{White_Space}/u.test(character) ? ' ' : character
  }).join('')

const bert = ({ clean_text = true, handle_chinese_chars = true, strip_accents = null, lowercase: lower = true }: Definition): Normalizer => {
  const steps: Normalizer[] = []
  if (clean_text) steps.push(cleaned)
  if (handle_chinese_chars) steps.push((text) => Array.from(text, (each) => (isChinese(each.codePointAt(0)!) ? ` ${each} ` : each)).join(''))
  if (strip_accents ?? lower) steps.push((text) => text.normalize('NFD').replace(/\p{Mn}/gu, ''))
  if (lower) steps.push(lowercase)
  return chained(steps)
}

const chained =
  (steps: readonly Normalizer[]): Normalizer =>
  (text) =>
    steps.reduce((done, step) => step(done), text)

const replace = ({ pattern, content }: Definition): Normalizer => {
  const compiled = compilePattern(pattern)
  return (text) => replaceMatches(text, compiled, content)
}

const NORMALIZERS: Record<string, (definition: Definition) => Normalizer> = {
  BertNormalizer: bert,
  ByteLevel: () => byteCharacters,
  Lowercase: () => lowercase,
  NFC: () => (text) => text.normalize('NFC'),
  NFD: () => (text) => text.normalize('NFD'),
  NFKC: () => (text) => text.normalize('NFKC'),
  NFKD: () => (text) => text.normalize('NFKD'),
  Precompiled: ({ precompiled_charsmap }) => precompiled(precompiled_charsmap),
  Prepend:
    ({ prepend }) =>
    (text) =>
      text === '' ? '' : prepend + text,
  Replace: replace,
  Sequence: ({ normalizers }) => chained(normalizers.map(createNormalizer)),
  Strip:
    ({ strip_left = true, strip_right = true }) =>
    (text) => {
      const left = strip_left ? text.replace(/^\p{White_Space}+/u, '') : text
      // From the first of a run of blanks alone: from each of them, a run within the text would take the square of its length.
      return strip_right ? left.replace(/(?<!\p{White_Space})\p{White_Space}+$/u, '') : left
    },
  StripAccents: () => (text) => text.replace(/\p{M}/gu, ''),
}

export function createNormalizer(definition: Definition | null): Normalizer {
  if (!definition) return (text) => text
  const make = Object.hasOwn(NORMALIZERS, definition.type) ? NORMALIZERS[definition.type] : undefined
  if (!make) throw unknownPart('normalizer', definition)
  return make(definition)
}
