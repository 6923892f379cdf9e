import { type RowPoints, scoreOf } from './chance.ts'
import { leaning, type Marks, marks } from './measures.ts'
import type { Asked, Scorer } from './scorer.ts'
import type { Task } from './tasks/task.ts'

/** One task's scores under one composition. `score` is what retention compares: accuracy, −log perplexity, exact answers. */
export interface Score extends Partial<Marks> {
  score: number
  perplexity?: number
  /** Where all held-out rows are asked. */
  calibrated?: Marks & { score: number }
}

/** In a line: `accuracy 0.75; in the format 1.00, and right 0.75`. */
export const scoreText = ({ perplexity, accuracy = 0, format = 0, exact = 0 }: Score): string =>
  perplexity === undefined
    ? `accuracy ${accuracy.toFixed(2)}; in the format ${format.toFixed(2)}, and right ${exact.toFixed(2)}`
    : `perplexity ${perplexity.toFixed(1)}`

/** A score, and the held-out rows that it is made of, in their order. */
export interface ScoredRows {
  score: Score
  rows: readonly RowPoints[]
}

/** Under one composition. */
export const scored = async (scorer: Scorer, asked: Asked, task: Task): Promise<Score> => (await scoredByEach(scorer, [asked], task))[0].score

/** A task's scores under each composition, all in one reading of its rows. */
export const scoredByEach = async (scorer: Scorer, asked: readonly Asked[], task: Task): Promise<ScoredRows[]> => {
  if (task.kind === 'style')
    return (await scorer.likelihoods(asked, task.heldOut)).map((texts) => {
      const rows = texts.map(({ nats, tokens }): RowPoints => ({ points: -nats, of: tokens }))
      const score = scoreOf(rows)
      return { score: { score, perplexity: Math.exp(-score) }, rows }
    })
  const of = (given: Marks): number => (task.kind === 'label' ? given.accuracy : given.exact)
  const answered = await scorer.ask(asked, [...task.heldOut, ...task.unlabelled], task.answers)
  return answered.map((all, a): ScoredRows => {
    const heldOut = asked[a].rows ? all : all.slice(0, task.heldOut.length)
    const plain = marks(heldOut)
    const rows = heldOut.map((row): RowPoints => ({ points: of(marks([row])), of: 1 }))
    if (asked[a].rows) return { score: { ...plain, score: of(plain) }, rows }
    const calibrated = marks(heldOut, leaning(all.slice(task.heldOut.length)))
    return { score: { ...plain, score: of(plain), calibrated: { ...calibrated, score: of(calibrated) } }, rows }
  })
}
