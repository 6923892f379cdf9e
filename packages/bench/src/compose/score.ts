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

/** Under one composition. */
export const scored = async (scorer: Scorer, asked: Asked, task: Task): Promise<Score> => (await scoredByEach(scorer, [asked], task))[0]

/** A task's scores under each composition, all in one reading of its rows. */
export const scoredByEach = async (scorer: Scorer, asked: readonly Asked[], task: Task): Promise<Score[]> => {
  if (task.kind === 'style') return (await scorer.perplexity(asked, task.heldOut)).map((perplexity) => ({ score: -Math.log(perplexity), perplexity }))
  const of = (given: Marks): number => (task.kind === 'label' ? given.accuracy : given.exact)
  const answered = await scorer.ask(asked, [...task.heldOut, ...task.unlabelled], task.answers)
  return answered.map((all, a): Score => {
    if (asked[a].rows) return { ...marks(all), score: of(marks(all)) }
    const heldOut = all.slice(0, task.heldOut.length)
    const [plain, calibrated] = [marks(heldOut), marks(heldOut, leaning(all.slice(task.heldOut.length)))]
    return { ...plain, score: of(plain), calibrated: { ...calibrated, score: of(calibrated) } }
  })
}
