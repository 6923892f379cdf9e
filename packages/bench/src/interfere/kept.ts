import type { AnswerMoved } from './answers-moved.ts'

/** One answer, as text or tokens that can be compared; `own` where the adapter wrote it, and nobody says that it is right. */
export interface JudgedAnswer {
  text: string
  own: boolean
}

/** Of all answers at most this share may differ, where they are taken for a choice among few. */
const FEW = 0.25

/**
 * How much of what an adapter gains alone it should keep in a composition, predicted from inputs: 1 all, 0 nothing, less where it gets worse than the base.
 *
 * - Where its answers are a few that come again (labels, formats), what counts is which one is written: the share of unchanged answers, less what guessing among
 *   as many would give (Cohen 1960, every answer as likely).
 * - Where the texts are there (a style's, or answers that are given), it is their log-likelihood: what is left of the gain over the base.
 * - Where the adapter writes long answers of its own, it is the divergence from what it says alone, as a share of its own from the base.
 */
export const keptShare = (moved: readonly AnswerMoved[], answers: readonly JudgedAnswer[]): number => {
  const kinds = new Set(answers.map(({ text }) => text)).size
  if (kinds <= Math.max(1, FEW * answers.length)) return agreement(moved.filter(({ changed }) => changed).length, moved.length, kinds)
  const sum = (of: (each: AnswerMoved) => number): number => moved.reduce((total, each) => total + of(each), 0)
  if (answers.every(({ own }) => !own)) {
    const gained = sum(({ likelihood: { alone, base } }) => alone - base)
    if (gained > 0) return sum(({ likelihood: { composed, base } }) => composed - base) / gained
  }
  const [lost, gained] = [sum(({ divergence }) => divergence), sum(({ gain }) => gain)]
  return gained > 0 ? 1 - lost / gained : lost > 0 ? 0 : 1
}

/**
 * Share of answers that stay, beyond chance. One more is taken for changed than was seen, of two more inputs (Laplace's rule): so few inputs predict little, and
 * with two answers eighteen that all stay are the fewest that predict nine tenths.
 * @param changed how many answers do not stay @param of how many there are @param kinds how many different ones
 */
export const agreement = (changed: number, of: number, kinds: number): number => 1 - (changed + 1) / (of + 2) / (kinds > 1 ? 1 - 1 / kinds : 1)
