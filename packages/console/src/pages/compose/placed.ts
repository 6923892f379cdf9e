import type { ExplainResponse } from '@weft/protocol'

export type Term = ExplainResponse['terms'][number]

/** Terms by where they act: before every layer's keys, one after another in the sequence, or within the layers alone. */
export interface Placed {
  prefixes: Term[]
  /** With the positions that each takes, counted from 0; texts take what their tokens are. */
  sequence: { term: Term; from: number; to: number }[]
  layers: Term[]
}

export const placed = (terms: readonly Term[]): Placed => {
  let next = 0
  return {
    prefixes: terms.filter(({ virtualTokens }) => virtualTokens.prefix > 0),
    sequence: terms
      .filter(({ kind, virtualTokens }) => kind === 'text' || virtualTokens.rows > 0)
      .map((term) => {
        const from = next
        next += term.virtualTokens.rows
        return { term, from, to: Math.max(from, next - 1) }
      }),
    layers: terms.filter(({ kind, virtualTokens: { rows, prefix } }) => kind !== 'text' && rows === 0 && prefix === 0),
  }
}

/** What such a term changes. */
export const laneOf = ({ sites }: Term): string => sites.join(' and ')
