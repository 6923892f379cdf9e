import { type CorpusName, corpora, split } from '@weft/corpora'
import { mixture } from '../mixture.ts'
import { words } from './words.ts'

/** Scale of the weighted counts, so that they stay whole numbers and sums do not depend on their order. */
const SCALE = 1000

/** How often each word occurs in the train parts, every corpus weighted to its share of the mixture. */
export const countWords = (): Map<string, number> => {
  const total = new Map<string, number>()
  for (const [name, read] of Object.entries(corpora)) {
    const counts = new Map<string, number>()
    let size = 0
    for (const { text } of split(read()).train) {
      for (const word of words(text)) {
        counts.set(word, (counts.get(word) ?? 0) + 1)
        size++
      }
    }
    const weight = (mixture[name as CorpusName] * 1e6 * SCALE) / size
    // What occurs once is mostly encoded or mistyped; it would teach nothing and double the work.
    for (const [word, count] of counts) if (count > 1) total.set(word, (total.get(word) ?? 0) + Math.round(count * weight))
  }
  return total
}
