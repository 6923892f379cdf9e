import { matchesOf } from './pattern.ts'

/** What becomes of the matches that a text is split at. */
export type Behavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous'

/** Part of a text, and whether it is one that the text is split at. */
export interface Part {
  text: string
  start: number
  match: boolean
}

/** A text as matches of a pattern and what lies between them; `invert` exchanges the two. */
export const matching = (text: string, pattern: RegExp, invert: boolean): Part[] => {
  const parts: Part[] = []
  let at = 0
  const add = (start: number, end: number, match: boolean): void => {
    if (end > start) parts.push({ text: text.slice(start, end), start, match: match !== invert })
  }
  for (const { 0: found, index } of matchesOf(text, pattern)) {
    add(at, index, false)
    at = index + found.length
    add(index, at, true)
  }
  add(at, text.length, false)
  return parts
}

/** The pieces that are left once matches are taken away or joined to what is beside them. */
export const split = (parts: readonly Part[], behavior: Behavior): Part[] => {
  switch (behavior) {
    case 'Removed':
      return parts.filter(({ match }) => !match)
    case 'Isolated':
      return [...parts]
    case 'Contiguous':
      return joined(parts, (previous, next) => previous.match === next.match)
    case 'MergedWithPrevious':
      return joined(parts, (previous, next) => next.match && !previous.match)
    case 'MergedWithNext':
      return joined(parts, (previous, next) => previous.match && !next.match)
  }
  throw new Error(`a split's behavior "${String(behavior)}" is not supported`)
}

/** Neighbours joined; a joined part is as its last one. */
const joined = (parts: readonly Part[], join: (previous: Part, next: Part) => boolean): Part[] => {
  const done: Part[] = []
  for (const [i, part] of parts.entries()) {
    const last = done.at(-1)
    if (last && join(parts[i - 1], part)) last.text += part.text
    else done.push({ ...part })
  }
  return done
}
