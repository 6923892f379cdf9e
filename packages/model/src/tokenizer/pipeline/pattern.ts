import type { Definition } from './definition.ts'
import { ReplaceNormalizer } from './library.ts'

/** A `{"String"}` or `{"Regex"}` of tokenizer.json: Oniguruma's syntax, rewritten by Hugging Face's library. Global, in Unicode mode. */
export const compilePattern = (pattern: Definition): RegExp => {
  const compiled = new ReplaceNormalizer({ type: 'Replace', pattern, content: '' }).pattern
  if (!compiled) throw new Error(`the pattern ${JSON.stringify(pattern)} is neither a String nor a Regex`)
  return compiled
}

/**
 * A pattern's matches, first to last, one at a time: of a long text there are a million. V8 also looks between the halves of a character, where what asks for
 * nothing but what stands around it (`^`, `$`) is found: no text has a place there.
 */
export function* matchesOf(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  for (const match of text.matchAll(pattern)) if (!isWithin(text, match.index)) yield match
}

const isWithin = (text: string, at: number): boolean => text.codePointAt(at - 1)! > 0xffff

/** The text with something in the place of every match. */
export const replaceMatches = (text: string, pattern: RegExp, content: string): string => {
  let done = ''
  let at = 0
  for (const { 0: found, index } of matchesOf(text, pattern)) {
    done += text.slice(at, index) + content
    at = index + found.length
  }
  return done + text.slice(at)
}
