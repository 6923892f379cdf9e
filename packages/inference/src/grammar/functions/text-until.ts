import type { Term, Terms } from '../automaton/terms.ts'

/** What ends a text, and what stands behind it. */
export interface Mark {
  mark: string
  after: Term
}

/**
 * Any bytes, and what is `after` a mark once they end in it (Aho & Corasick 1975, "Efficient string matching"): a rule for each text that a mark begins with.
 * @param marks none of which another begins with
 */
export function textUntil(terms: Terms, marks: readonly Mark[]): Term {
  const whole = marks.map(({ mark, after }) => ({ text: bytesOf(mark), after }))
  const begun = new Map([...new Set(marks.flatMap(({ mark }) => beginningsOf(bytesOf(mark))))].map((text) => [text, terms.rule(`text behind ${text}`)]))
  const start = begun.get('') ?? terms.rule('text')
  begun.set('', start)
  const interesting = [...new Set([...whole].flatMap(({ text }) => [...text].map((byte) => byte.charCodeAt(0))))].sort((a, b) => a - b)
  const others = [-1, ...interesting].map((byte, i): [number, number] => [byte + 1, (interesting[i] ?? 256) - 1]).filter(([low, high]) => low <= high)
  const behind = (read: string): Term => {
    const found = whole.find(({ text }) => read.endsWith(text))
    if (found) return found.after
    for (let from = 0; from < read.length; from++) {
      const rule = begun.get(read.slice(from))
      if (rule) return rule.term
    }
    return start.term
  }
  for (const [text, { rule }] of begun) {
    const steps = interesting.map((byte) => terms.sequence(terms.bytes([[byte, byte]]), behind(text + String.fromCharCode(byte))))
    rule.body = terms.choice([terms.empty, ...steps, terms.sequence(terms.bytes(others), start.term)])
  }
  return start.term
}

/** A text's bytes, each as a character. */
const bytesOf = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

const beginningsOf = (text: string): string[] => Array.from(text, (_, length) => text.slice(0, length))
