import type { AttentionInputs, ModelShape } from '@weft/model'
import { documentTooLong } from '../errors.ts'

/** Longest part unless the job says: attention over it takes its square in memory. */
const LONGEST = 2048

/** A stretch of a document that is read at once, and the keys that stand for it. */
export interface Part {
  ids: readonly number[]
  tokens: number
}

/** Most tokens of a part: half a context, so that as much can follow it; half a window, where a layer sees no further. */
export function partLength({ spec }: ModelShape, { windows }: Pick<AttentionInputs, 'windows'>, asked?: number): number {
  const sight = Math.min(spec.maxPositions, ...windows.flatMap((window) => window ?? []))
  return Math.min(asked ?? LONGEST, Math.max(1, Math.floor(sight / 2)))
}

/**
 * Documents in parts of like length, none longer than `longest`, and the keys in shares of their lengths: at least one, and no more than there are tokens.
 * Error 422 `document_too_long` for more parts than keys.
 */
export function partsOf(documents: readonly (readonly number[])[], tokens: number, longest: number): Part[] {
  const parts = documents.flatMap((ids) => {
    const count = Math.ceil(ids.length / longest)
    const bounds = Array.from({ length: count + 1 }, (_, i) => Math.round((i * ids.length) / count))
    return Array.from({ length: count }, (_, i) => ids.slice(bounds[i], bounds[i + 1]))
  })
  const all = parts.reduce((sum, { length }) => sum + length, 0)
  if (parts.length > tokens) throw documentTooLong(all, parts.length, tokens)
  const most = Math.min(tokens, all)
  // Shares by the running total, so that they add up.
  let [read, given] = [0, 0]
  return parts.map((ids, i) => {
    read += ids.length
    const left = parts.length - 1 - i
    const share = Math.min(ids.length, Math.max(1, Math.min(Math.round((most * read) / all) - given, most - given - left)))
    given += share
    return { ids, tokens: share }
  })
}
