import { type AST, RegExpParser } from '@eslint-community/regexpp'
import type { Term, Terms } from './automaton/terms.ts'
import { anyCharacter, complement } from './characters.ts'
import type { Ranges } from './ranges.ts'

const LONGEST = 10_000

const LINE_ENDS: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]
const DIGITS: Ranges = [[0x30, 0x39]]
const WORD: Ranges = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]
/** What `\s` matches (ECMA-262, WhiteSpace and LineTerminator). */
const SPACES: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]

export interface RegexOptions {
  /** A character of these, as it stands in the text: in JSON, some are escaped. */
  write: (ranges: Ranges) => Term
  /** Whether the expression is the whole text, or may match anywhere in it unless `^` and `$` say otherwise. */
  whole: boolean
  refuse: (reason: string) => Error
}

/** The texts that a regular expression of ECMA-262 (flag `u`) matches. Refused: look-around, back references, `\b`, `\p{…}`, and anchors within. */
export function regexTerm(terms: Terms, source: string, { write, whole, refuse }: RegexOptions): Term {
  terms.spend(source.length)
  const { alternatives } = parsed(source, refuse)
  const anything = terms.repeat(write(anyCharacter))
  return terms.choice(
    alternatives.map(({ elements }) => {
      let [from, to] = [0, elements.length]
      while (from < to && isAnchor(elements[from], 'start')) from++
      while (to > from && isAnchor(elements[to - 1], 'end')) to--
      const [open, closed] = [from > 0, to < elements.length]
      const body = sequenceOf(elements.slice(from, to))
      return terms.sequence(whole || open ? terms.empty : anything, body, whole || closed ? terms.empty : anything)
    }),
  )

  function sequenceOf(elements: readonly AST.Element[]): Term {
    return terms.sequence(...elements.map(elementTerm))
  }

  function elementTerm(element: AST.Element): Term {
    switch (element.type) {
      case 'Group':
        if (element.modifiers) throw refuse(`it changes flags within, ${element.raw}`)
        return terms.choice(element.alternatives.map(({ elements }) => sequenceOf(elements)))
      case 'CapturingGroup':
        return terms.choice(element.alternatives.map(({ elements }) => sequenceOf(elements)))
      case 'Quantifier':
        return terms.repeat(elementTerm(element.element), element.min, element.max)
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
        return write(codePoints(element))
      case 'Assertion':
        if (element.kind === 'start' || element.kind === 'end') throw refuse(`it has ${element.raw} elsewhere than at its ends`)
        throw refuse(`it looks around itself, ${element.raw}`)
      default:
        throw refuse(`${element.raw} cannot be followed character by character`)
    }
  }

  function codePoints(element: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.CharacterClassRange | AST.UnicodeSetsCharacterClassElement): Ranges {
    switch (element.type) {
      case 'Character':
        return [[element.value, element.value]]
      case 'CharacterClassRange':
        return [[element.min.value, element.max.value]]
      case 'CharacterSet': {
        if (element.kind === 'any') return complement(LINE_ENDS)
        if (element.kind === 'property') throw refuse(`${element.raw}, a Unicode property, is not supported; write the ranges`)
        const ranges = element.kind === 'digit' ? DIGITS : element.kind === 'word' ? WORD : SPACES
        return element.negate ? complement(ranges) : ranges
      }
      case 'CharacterClass': {
        const ranges = element.elements.flatMap(codePoints)
        return element.negate ? complement(ranges) : ranges
      }
      default:
        throw refuse(`${element.raw} is not supported`)
    }
  }
}

function parsed(source: string, refuse: (reason: string) => Error): AST.Pattern {
  if (source.length > LONGEST) throw refuse(`it has ${source.length} characters; at most ${LONGEST} are read`)
  try {
    return new RegExpParser().parsePattern(source, undefined, undefined, { unicode: true })
  } catch (error) {
    throw refuse(`it is no regular expression of ECMA-262 with flag u: ${(error as Error).message}`)
  }
}

const isAnchor = (element: AST.Element, kind: 'start' | 'end'): boolean => element.type === 'Assertion' && element.kind === kind
