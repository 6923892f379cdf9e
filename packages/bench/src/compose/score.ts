import { leaning, type Marks, marks } from './measures.ts'
import type { Asked, Scorer } from './scorer.ts'
import type { Task } from './task.ts'

/** One task's scores under one composition. `score` is what retention compares: accuracy, −log perplexity, exact answers. */
export interface Score extends Partial<Marks> {
  score: number
  perplexity?: number
  calibrated?: Marks & { score: number }
}

export const scored = async (scorer: Scorer, asked: Asked, task: Task): Promise<Score> => {
  if (task.kind === 'style') {
    const perplexity = await scorer.perplexity(asked, task.heldOut)
    return { score: -Math.log(perplexity), perplexity }
  }
  const bias = leaning(await scorer.ask(asked, task.unlabelled, task.answers))
  const answered = await scorer.ask(asked, task.heldOut, task.answers)
  const of = (given: Marks): number => (task.kind === 'label' ? given.accuracy : given.exact)
  const [plain, calibrated] = [marks(answered), marks(answered, bias)]
  return { ...plain, score: of(plain), calibrated: { ...calibrated, score: of(calibrated) } }
}
