import { adapterRefs, isWeftError, parse } from '@weft/adapters'

/** Where in an expression an error lies, counted in characters from 0; undefined where it is of no place. */
export const placeOfError = (error: unknown, source: string): number | undefined => {
  if (!isWeftError(error)) return undefined
  const offset = error.details?.offset
  if (typeof offset === 'number' && offset <= source.length) return offset
  if (error.param !== 'model') return undefined
  // What the edge does not know it quotes: the name's first place is where it was written.
  const quoted = /"([^"]+)"/.exec(error.message)?.[1]
  try {
    return adapterRefs(parse(source)).find(({ name }) => quoted === name || quoted?.startsWith(`${name}@`))?.offset
  } catch {
    return undefined
  }
}

/** The line around a place, and a mark under its character. */
export const markedLine = (source: string, offset: number): string => {
  const start = Math.max(0, offset - 24)
  const lead = start > 0 ? '…' : ''
  return `${lead}${source.replace(/\s/g, ' ').slice(start, start + 48)}\n${' '.repeat(lead.length + offset - start)}^`
}
