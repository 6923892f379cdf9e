import { RE2JS } from 're2js'
import { invalidPattern } from '../errors.ts'

/** A predicate over module names. */
export type NameTest = (name: string) => boolean

/** Longest expression, and most instructions that one may compile to: with these, a thousand names take milliseconds. */
const longest = 2048
const largestProgram = 4096

/** How Python's `re` anchors an expression: `fullmatch` takes all of a name; PEFT's patterns take a name's end after a dot. */
const anchored = {
  whole: (source: string) => `\\A(?:${source})\\z`,
  end: (source: string) => `\\A(?:(?:.*\\.)?(?:${source}))\\z`,
} as const

/**
 * A user's expression over module names, matched in time that grows with the name's length alone (RE2). Lookarounds and back-references,
 * which need more, are refused. Error 400 `invalid_pattern`.
 */
export const expressionTest = (source: string, anchor: keyof typeof anchored, param: string): NameTest => {
  const expression = compiled(source, anchored[anchor], param)
  return (name) => expression.test(name)
}

/** What is wrong with an expression; undefined for nothing. */
export const patternProblem = (source: string): string | undefined => {
  try {
    compiled(source, anchored.whole, '')
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** As `expressionTest`, for the number that PEFT reads of a name: the layer's. */
export const layerNumber = (pattern: string): ((name: string) => number | undefined) => {
  // As PEFT writes it, the pattern unbracketed: the first number in the name counts.
  const expression = compiled(pattern, (source) => `\\A(?:(?:^|.*?\\.)${source}\\.(?P<idx>\\d+)\\.)`, 'layers_pattern')
  return (name) => {
    const matcher = expression.matcher(name)
    const found = matcher.lookingAt() ? matcher.group('idx') : null
    return found === null ? undefined : Number(found)
  }
}

function compiled(source: string, around: (source: string) => string, param: string): RE2JS {
  if (source.length > longest) throw invalidPattern(`${source.slice(0, 40)}…`, `it has ${source.length} characters, at most ${longest} are taken`, param)
  let expression: RE2JS
  try {
    const translated = fromPython(source)
    // By itself first: brackets of its own must not close those around it.
    RE2JS.compile(translated)
    expression = RE2JS.compile(around(translated))
  } catch (cause) {
    const why = (cause as Error).message.replace(/^error parsing regexp: /, '')
    const hint = /Perl syntax|escape sequence/.test(why) ? '; look-around and back-references are not supported, for names are matched in linear time' : ''
    throw invalidPattern(source, `${why}${hint}`, param)
  }
  if (expression.programSize() > largestProgram) throw invalidPattern(source, 'it is too large: it repeats too much', param)
  return expression
}

/** What Python spells otherwise: `\Z` is the end, and `{,n}` has 0 before its comma. */
function fromPython(source: string): string {
  let result = ''
  let inClass = false
  for (let i = 0; i < source.length; i++) {
    const character = source[i]
    if (character === '\\') {
      const next = source[++i] ?? ''
      result += !inClass && next === 'Z' ? '\\z' : `\\${next}`
      continue
    }
    if (inClass) {
      // A bracket that stands first is one of the class.
      if (character === ']') inClass = false
    } else if (character === '[') {
      inClass = true
      const first = source.slice(i + 1).match(/^\^?\]/)?.[0]
      if (first) {
        result += `[${first}`
        i += first.length
        continue
      }
    }
    result += !inClass && character === '{' && /^\{,\d+\}/.test(source.slice(i, i + 8)) ? '{0' : character
  }
  return result
}

const plainName = /^\^?(?:[\w.]|\\\.)+\$?$/

/**
 * The value of the first key that matches the end of a name as an expression (`rank_pattern`, `alpha_pattern`); undefined for none.
 * Checkpoints have a key for every module: plain names, where a dot is any character, are compared without an engine.
 */
export function patternValues<T>(patterns: Readonly<Record<string, T>>, param: string): (name: string) => T | undefined {
  const tests = Object.entries(patterns).map(([key, value]) => ({ matches: plainName.test(key) ? plainTest(key) : expressionTest(key, 'end', param), value }))
  return (name) => tests.find(({ matches }) => matches(name))?.value
}

/** Most keys that are more than plain names, of one map. */
export const mostExpressions = 256

export const isPlainName = (key: string): boolean => plainName.test(key)

function plainTest(key: string): NameTest {
  const atStart = key.startsWith('^')
  // One character each; null for any.
  const characters = [...key.replace(/^\^|\$$/g, '').matchAll(/\\\.|[\w.]/g)].map(([part]) => (part === '\\.' ? '.' : part === '.' ? null : part))
  return (name) => {
    const start = name.length - characters.length
    if (start < 0 || (start > 0 && (atStart || name[start - 1] !== '.'))) return false
    return characters.every((character, i) => character === null || character === name[start + i])
  }
}
