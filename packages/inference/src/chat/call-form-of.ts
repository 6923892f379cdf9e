import { type CallForm, COUNT, ID } from './call-form.ts'

/** Calls that are written to see how: of functions that nobody has, each with an argument of its own number, and an id that every template takes. */
export const probeCalls = ['function_that_nobody_calls', 'function_that_nobody_knows', 'function_that_nobody_wants'].map((name, i) => ({
  ...{ id: `call0000${i}`, type: 'function' as const },
  function: { name, arguments: JSON.stringify({ argument_that_nobody_gives: i }) },
}))
export const probeWords = 'words that nobody says'

/**
 * The form of calls that an answer is written in; undefined where it has no JSON as arguments.
 * @param answerOf the answer that makes the first so many of the probe's calls, or says its words; empty where the template does not write it
 */
export function callFormOf(answerOf: (said: { calls: number } | { words: string }) => string): CallForm | undefined {
  const several = gapsOf(answerOf({ calls: 3 }), 3)
  const one = several ?? gapsOf(answerOf({ calls: 1 }), 1)
  if (!one) return undefined
  const [first, ...rest] = one.before
  const nextOne = rest.length > 0 ? inCommon(rest) : null
  const between = inCommon(one.between)
  if (nextOne === undefined || between === undefined) return undefined
  const before = inCommon(one.before.map((text) => /\{[^{}[\]]*"$/.exec(text)?.[0] ?? ''))
  if (before === undefined) return undefined
  const last = nextOne ?? one.behind
  const behind = before === '' ? '' : /^[^{}[\]]*\}/.exec(last)?.[0]
  if (behind === undefined || !one.behind.startsWith(behind)) return undefined
  const { lead, end } = around(answerOf({ words: probeWords }))
  const begun = withoutEnd(first!, lengthIn(first!, before))
  const shown = begun.startsWith(lead) ? begun.slice(lead.length) : begun
  const mark = MARK.exec(shown.trimStart())?.[0] ?? ''
  return {
    mark,
    opening: mark === '' ? shown : shown.slice(shown.indexOf(mark) + mark.length),
    before,
    between,
    behind,
    next: nextOne === null ? null : withoutEnd(nextOne.slice(behind.length), lengthIn(nextOne, before)),
    close: closeOf(one.behind.slice(behind.length), end),
  }
}

/** A tag, a word in brackets, or the beginning of a tag that the name stands in. */
const MARK = /^(<[^<>\s]*>|\[\w+\]|<[^<>\s"]+$)/

interface Gaps {
  /** Before each call's name, behind the arguments of the one before it. */
  before: string[]
  between: string[]
  behind: string
}

/** What stands around the names and arguments of the probe's calls. undefined where one of them is not written. */
function gapsOf(text: string, count: number): Gaps | undefined {
  const found: Gaps = { before: [], between: [], behind: text }
  for (const [i, { function: called }] of probeCalls.slice(0, count).entries()) {
    const written = new RegExp(`^([^]*?)${called.name}([^]*?)\\{\\s*"argument_that_nobody_gives":\\s*${i}\\s*\\}`).exec(found.behind)
    if (!written) return undefined
    found.before.push(written[1]!)
    found.between.push(written[2]!)
    found.behind = found.behind.slice(written[0].length)
  }
  const anyId = (piece: string): string => piece.replace(/call0000\d/g, ID)
  const gaps = { before: found.before.map(anyId), between: found.between.map(anyId), behind: anyId(found.behind) }
  return probeCalls.some(({ function: { name } }) => [...gaps.before, ...gaps.between, gaps.behind].some((piece) => piece.includes(name))) ? undefined : gaps
}

/** What several texts are, with a number in which they differ as any number; undefined where they differ in more. */
function inCommon(texts: readonly string[]): string | undefined {
  const [one, other] = [texts[0]!, texts.find((text) => text !== texts[0])]
  if (other === undefined) return one
  let start = 0
  while (start < one.length && one[start] === other[start]) start++
  let length = 0
  while (length < Math.min(one.length, other.length) - start && one.at(-1 - length) === other.at(-1 - length)) length++
  const [head, tail] = [one.slice(0, start), one.slice(one.length - length)]
  const isCounted = texts.every((text) => text.startsWith(head) && text.endsWith(tail) && /^\d+$/.test(text.slice(head.length, text.length - tail.length)))
  return isCounted ? `${head}${COUNT}${tail}` : undefined
}

/** How many characters of `text` are a text with numbers at its end. */
const lengthIn = (text: string, before: string): number => (before === '' ? 0 : (/\{[^{}[\]]*"$/.exec(text)?.[0].length ?? 0))

const withoutEnd = (text: string, length: number): string => text.slice(0, text.length - length)

/** What a template writes around words. */
function around(text: string): { lead: string; end: string } {
  const at = text.indexOf(probeWords)
  return at < 0 ? { lead: '', end: '' } : { lead: text.slice(0, at), end: text.slice(at + probeWords.length) }
}

/** What closes calls, without what ends every turn. */
function closeOf(text: string, end: string): string {
  if (text.endsWith(end)) return withoutEnd(text, end.length)
  let length = 0
  while (length < Math.min(text.length, end.length) && text.at(-1 - length) === end.at(-1 - length)) length++
  const ended = text.slice(text.length - length)
  const tag = ended.search(/[<[]/)
  return tag < 0 ? text : withoutEnd(text, ended.length - tag)
}
