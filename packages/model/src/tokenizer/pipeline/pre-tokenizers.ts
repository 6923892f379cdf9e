import { byteCharacters } from './byte-characters.ts'
import { type Definition, unknownPart } from './definition.ts'
import { compilePattern } from './pattern.ts'
import { remembered } from './remembered.ts'
import { type Behavior, matching, split } from './split.ts'

/** A part of a text, and whether the text begins with it. */
export interface Piece {
  text: string
  first: boolean
}

export type PreTokenizer = (pieces: Piece[]) => Piece[]

const PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/gu
const SPACE = /\p{White_Space}/gu
const NUMBER = /\p{N}/gu
const WORD_OR_SIGNS = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu
const GPT_2 = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu

const cut =
  (pattern: RegExp, behavior: Behavior, invert = false): PreTokenizer =>
  (pieces) =>
    pieces.flatMap(({ text, first }) =>
      split(matching(text, pattern, invert), behavior).map(({ text: part, start }) => ({ text: part, first: first && start === 0 })),
    )

const mapped =
  (map: (piece: Piece) => string): PreTokenizer =>
  (pieces) =>
    pieces.map((piece) => ({ text: map(piece), first: piece.first }))

const chained =
  (steps: readonly PreTokenizer[]): PreTokenizer =>
  (pieces) =>
    steps.reduce((done, step) => step(done), pieces)

const byteLevel = ({ add_prefix_space = true, use_regex = true }: Definition): PreTokenizer => {
  const steps: PreTokenizer[] = []
  if (add_prefix_space) steps.push(mapped(({ text }) => (text.startsWith(' ') ? text : ` ${text}`)))
  if (use_regex) steps.push(cut(GPT_2, 'Isolated'))
  const characters = remembered(byteCharacters)
  return chained([...steps, mapped(({ text }) => characters(text))])
}

const metaspace = ({ replacement = '▁', prepend_scheme, add_prefix_space, split: splits = true }: Definition): PreTokenizer => {
  const scheme = prepend_scheme ?? (add_prefix_space === false ? 'never' : 'always')
  const prepends = (first: boolean): boolean => scheme === 'always' || (scheme === 'first' && first)
  const marked = mapped(({ text, first }) => {
    const spaced = text.replaceAll(' ', replacement)
    return prepends(first) && !spaced.startsWith(replacement) ? replacement + spaced : spaced
  })
  return splits ? chained([marked, cut(compilePattern({ String: replacement }), 'MergedWithNext')]) : marked
}

const fixedLength = ({ length = 5 }: Definition): PreTokenizer => cut(new RegExp(`[^]{1,${length}}`, 'gu'), 'Isolated')

const PRE_TOKENIZERS: Record<string, (definition: Definition) => PreTokenizer> = {
  BertPreTokenizer: () => chained([cut(SPACE, 'Removed'), cut(PUNCTUATION, 'Isolated')]),
  ByteLevel: byteLevel,
  CharDelimiterSplit: ({ delimiter }) => cut(compilePattern({ String: delimiter }), 'Removed'),
  Digits: ({ individual_digits = false }) => cut(NUMBER, individual_digits ? 'Isolated' : 'Contiguous'),
  FixedLength: fixedLength,
  Metaspace: metaspace,
  Punctuation: ({ behavior = 'Isolated' }) => cut(PUNCTUATION, behavior),
  Sequence: ({ pretokenizers }) => chained(pretokenizers.map(createPreTokenizer)),
  Split: ({ pattern, behavior, invert = false }) => cut(compilePattern(pattern), behavior, invert),
  Whitespace: () => cut(WORD_OR_SIGNS, 'Removed', true),
  WhitespaceSplit: () => cut(SPACE, 'Removed'),
}

export function createPreTokenizer(definition: Definition | null): PreTokenizer {
  if (!definition) return (pieces) => pieces
  const make = Object.hasOwn(PRE_TOKENIZERS, definition.type) ? PRE_TOKENIZERS[definition.type] : undefined
  if (!make) throw unknownPart('pre-tokenizer', definition)
  return make(definition)
}
