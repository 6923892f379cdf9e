import type { CorpusName } from '@weft/corpora'

/** The n-th row of pretraining, as the how-manieth row of which corpus. */
export interface Draw {
  corpus: CorpusName
  index: number
}

/** Rows after which the mixture's shares come out even. */
const PERIOD = 100

/**
 * Which corpus every row comes from: the one that is furthest behind its share, so that any hundred rows hold the
 * mixture exactly. A pure function of the row's number: a run that goes on from a checkpoint draws what it would have.
 */
export const drawsOf = (mixture: Record<CorpusName, number>): ((row: number) => Draw) => {
  const names = Object.keys(mixture) as CorpusName[]
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<CorpusName, number>
  const pattern: Draw[] = Array.from({ length: PERIOD }, (_, row) => {
    const behind = (name: CorpusName): number => mixture[name] * (row + 1) - counts[name]
    const corpus = names.reduce((best, name) => (behind(name) > behind(best) ? name : best))
    return { corpus, index: counts[corpus]++ }
  })
  return (row) => {
    const { corpus, index } = pattern[row % PERIOD]
    return { corpus, index: Math.floor(row / PERIOD) * counts[corpus] + index }
  }
}
