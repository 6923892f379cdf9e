/** A token that is looked for before a text is cut into pieces. */
export interface AddedToken {
  id: number
  content: string
  single_word?: boolean
  lstrip?: boolean
  rstrip?: boolean
}

/** Part of a text: an added token's id, or text between such. */
export interface Section {
  start: number
  text: string
  id: number | null
}

interface Node {
  next: Map<string, Node>
  token: AddedToken | null
}

const OF_A_WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u
const SPACE = /\p{White_Space}/u

/**
 * Cuts a text at added tokens: from left to right, the longest that begins at a place. One that has to be a word of its own is passed over
 * where it is none; one that strips takes the white space beside it.
 * @param tokens by the text that is looked for, which is not always the token's content
 */
export const addedTokenCutter = (tokens: ReadonlyMap<string, AddedToken>): ((text: string) => Section[]) => {
  const root: Node = { next: new Map(), token: null }
  for (const [text, token] of tokens) if (text !== '') insert(root, text, token)
  if (root.next.size === 0) return (text) => (text === '' ? [] : [{ start: 0, text, id: null }])
  return (text) => {
    const sections: Section[] = []
    let done = 0
    for (let i = 0; i < text.length; ) {
      const found = longest(root, text, i)
      if (!found) {
        i++
        continue
      }
      const { token, end } = found
      if (!token.single_word || isWord(text, i, end)) {
        const start = token.lstrip ? Math.max(done, spaceBefore(text, i)) : i
        const stop = token.rstrip ? spaceAfter(text, end) : end
        // White space that the one before has taken may be a token itself: it counts, too, and the text goes on behind it.
        if (start < stop) {
          if (start > done) sections.push({ start: done, text: text.slice(done, start), id: null })
          sections.push({ start, text: text.slice(start, stop), id: token.id })
          done = stop
        }
      }
      i = end
    }
    if (done < text.length) sections.push({ start: done, text: text.slice(done), id: null })
    return sections
  }
}

const insert = (root: Node, text: string, token: AddedToken): void => {
  let node = root
  for (let i = 0; i < text.length; i++) {
    let next = node.next.get(text[i])
    if (!next) node.next.set(text[i], (next = { next: new Map(), token: null }))
    node = next
  }
  node.token ??= token
}

const longest = (root: Node, text: string, start: number): { token: AddedToken; end: number } | null => {
  let found: { token: AddedToken; end: number } | null = null
  let node = root.next.get(text[start])
  for (let i = start + 1; node; node = i < text.length ? node.next.get(text[i++]) : undefined) if (node.token) found = { token: node.token, end: i }
  return found
}

/** Whether no word goes on before or behind. */
const isWord = (text: string, start: number, end: number): boolean => {
  const before = [...text.slice(Math.max(0, start - 2), start)].at(-1) ?? ''
  return !OF_A_WORD.test(before) && !OF_A_WORD.test(text.slice(end, end + 2))
}

const spaceBefore = (text: string, place: number): number => {
  let start = place
  while (start > 0 && SPACE.test(text[start - 1])) start--
  return start
}

const spaceAfter = (text: string, place: number): number => {
  let end = place
  while (end < text.length && SPACE.test(text[end])) end++
  return end
}
