/** How many UTF-16 units two texts have in common at their beginning; never half a character. */
export const commonPrefix = (a: string, b: string): number => {
  const most = Math.min(a.length, b.length)
  let i = 0
  while (i < most && a[i] === b[i]) i++
  return i > 0 && i < most && /[\uD800-\uDBFF]/.test(a[i - 1]) ? i - 1 : i
}

/** Tokens as chat templates write them: `<|end|>`, `<｜User｜>`, `</s>`, `[INST]`. */
const BRACKETED = /<[|｜][^<>\n]*[|｜]>|<\/?[^<>\s]+>|\[\/?[^[\]\s]+\]/g

/** A text up to its last token; null where nothing is left of it. */
export const withoutLastToken = (text: string): string | null => text.slice(0, [...text.matchAll(BRACKETED)].at(-1)?.index ?? 0) || null

/** A place in a text, or where the token begins that it would cut in two: two different tokens may begin with the same characters. */
export const bracketStart = (text: string, place: number): number => {
  for (const { 0: token, index } of text.matchAll(BRACKETED)) if (index < place && place < index + token.length) return index
  return place
}

/**
 * A text as far as another begins alike, and on behind a difference that all of the other's last tokens follow: the last message of a chat may end otherwise
 * than one within it (Hermes has no line break behind the last result of a function).
 */
export const sharedBeginning = (text: string, other: string): string => {
  const shared = commonPrefix(text, other)
  const from = Math.min(bracketStart(text, shared), bracketStart(other, shared))
  for (const { index } of other.matchAll(BRACKETED)) {
    const at = index < from ? -1 : text.indexOf(other.slice(index), from)
    if (at >= 0) return text.slice(0, at + other.length - index)
  }
  return text.slice(0, bracketStart(text, shared))
}
