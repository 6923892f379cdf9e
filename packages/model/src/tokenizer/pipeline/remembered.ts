/** How many texts are kept. The words of a book are fewer. */
const MOST = 32_768

/** V8 cuts a longer text out of its whole without a copy: to keep it would keep the whole. */
const LONGEST = 12

/**
 * A function of a text that keeps what it gave for short ones: the words of a language come again and again. When it has kept as many as it may, it begins
 * anew, which costs less than to know which were asked for last.
 */
export const remembered = <T extends {}>(of: (text: string) => T): ((text: string) => T) => {
  const kept = new Map<string, T>()
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) return known
    const given = of(text)
    if (text.length > LONGEST) return given
    if (kept.size === MOST) kept.clear()
    kept.set(text, given)
    return given
  }
}
