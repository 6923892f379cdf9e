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
 * A text as far as another begins alike, and on behind a difference that the other's last tokens follow, all of them or the first of these: the last message of a
 * chat may end otherwise than one within it (Hermes has no line break behind the last result of a function).
 */
export const sharedBeginning = (text: string, other: string): string => {
  const from = Math.min(alike(text, other), alike(other, text))
  const tokens = [...other.matchAll(BRACKETED)].filter(({ index }) => index >= from).map(({ 0: token, index }) => ({ token, rest: other.slice(index) }))
  const met = tokens.find(({ rest }) => text.includes(rest, from)) ?? tokens.find(({ token }) => text.includes(token, from))
  if (!met) return text.slice(0, alike(text, other))
  const at = text.indexOf(text.includes(met.rest, from) ? met.rest : met.token, from)
  return text.slice(0, at + alike(text.slice(at), met.rest))
}

/** Where a text begins to be another than a second one: no token is cut in two. */
const alike = (text: string, other: string): number => bracketStart(text, commonPrefix(text, other))
