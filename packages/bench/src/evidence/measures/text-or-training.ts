import { Random } from '@weft/adapters'
import { marks } from '../../compose/measures.ts'
import { scored } from '../../compose/score.ts'
import type { Question, Task } from '../../compose/tasks/task.ts'
import { trainAdapter } from '../../compose/train-adapter.ts'
import type { RunContext } from '../part.ts'
import type { Cell, Values } from '../row.ts'
import { type AnswerBench, openAnswerBench, withoutChosen } from './answer-bench.ts'
import { rateOf, usualComposition } from './compose-options.ts'

type Answered = Extract<Task, { answers: string[] }>

/** What stands before a question: nothing, examples, the best of many sets of examples, or what a method has trained. */
export type Way = 'nothing' | 'examples' | 'searched examples' | { method: string }

/** Most tokens of a question with its examples. */
const MAX_LENGTH = 1000
/** Examples of each answer. */
const EXAMPLES = 2
/** Sets that the search tries, and rows that it tries each on. */
const SETS = 16
const ROWS = 16

export const textCell = (model: string, task: string, way: Way, seed: number): Cell => ({
  settings: {
    measure: 'text or training',
    model,
    task,
    way,
    eval: usualComposition.eval,
    ...(typeof way === 'object'
      ? { steps: usualComposition.steps, batch: usualComposition.batch, virtualTokens: usualComposition.virtualTokens, learningRate: rateOf(way.method, model) }
      : way !== 'nothing' && { examples: EXAMPLES, ...(way !== 'examples' && { sets: SETS, rows: ROWS }) }),
  },
  seed,
})

/** `score` on held-out rows (accuracy, or answers that are exact), the same `calibrated`, `tokens` that each request is longer by, and `calls` of the model until then. */
export const textOrTraining = async ({ settings, seed }: Cell, context: RunContext): Promise<Values> => {
  const way = settings.way as unknown as Way
  const given = { ...usualComposition, examples: EXAMPLES, sets: SETS, rows: ROWS, ...(settings as Partial<typeof usualComposition>) }
  using bench = await openAnswerBench(context, { eval: given.eval, maxLength: MAX_LENGTH })
  const { learned, chosen } = withoutChosen(bench.tasks[String(settings.task)] as Answered)
  if (typeof way === 'object') {
    const { steps, batch, virtualTokens } = given
    const learningRate = rateOf(way.method, settings.model)
    const options = {
      ...usualComposition,
      ...context,
      model: context.source,
      method: way.method,
      phase: 'none',
      operator: 'sum',
      steps,
      batch,
      virtualTokens,
      learningRate,
      seed,
    } as const
    const adapter = await trainAdapter({ ...bench, options }, { name: String(settings.task), rows: learned.rows, steps, learningRate, reference: [] })
    const rows = adapter.manifest.sites.includes('inputsEmbeds') ? virtualTokens : 0
    return { ...shown(await scored(bench.scorer, bench.askedWith([adapter]), learned)), tokens: rows, calls: steps * batch }
  }
  const found =
    way === 'nothing'
      ? { shots: '', calls: 0 }
      : way === 'examples'
        ? { shots: shotsOf(learned, given.examples, seed), calls: 0 }
        : await searched(bench, { learned, chosen }, given, seed)
  const result = await scored(bench.scorer, bench.askedWith([]), after(found.shots, learned))
  return { ...shown(result), tokens: bench.model.tokenizer!.encode(found.shots, { addSpecialTokens: false }).length, calls: found.calls }
}

const shown = ({ score, calibrated }: Awaited<ReturnType<typeof scored>>): Values => ({ score, calibrated: calibrated?.score })

/** Examples of every answer, in random order. */
const shotsOf = ({ rows, answers }: Answered, count: number, seed: number): string => {
  const random = new Random(`examples ${seed}`)
  const drawn = answers.flatMap((answer) => {
    const of = rows.filter((row) => row.answer === answer)
    return [...random.permutation(of.length)].slice(0, count).map((i) => of[i])
  })
  return [...random.permutation(drawn.length)].map((i) => `${drawn[i].prompt}${drawn[i].answer}\n\n`).join('')
}

const after = (shots: string, task: Answered): Answered => {
  const follow = (rows: readonly Question[]): Question[] => rows.map(({ prompt, answer }) => ({ prompt: shots + prompt, answer }))
  return { ...task, heldOut: follow(task.heldOut), unlabelled: follow(task.unlabelled) }
}

/** Random search: the set whose answers to a few rows are best, by their share and then by the probability of what is right. */
const searched = async (
  { scorer, askedWith }: AnswerBench,
  { learned, chosen }: { learned: Answered; chosen: Answered },
  { examples, sets, rows: count }: { examples: number; sets: number; rows: number },
  seed: number,
): Promise<{ shots: string; calls: number }> => {
  const rows = chosen.heldOut.slice(0, count)
  const tried: { shots: string; share: number; logprob: number }[] = []
  for (let i = 0; i < sets; i++) {
    const shots = shotsOf(learned, examples, seed * sets + i)
    const [answered] = await scorer.ask([askedWith([])], after(shots, { ...chosen, heldOut: rows }).heldOut, chosen.answers)
    const { accuracy, exact } = marks(answered)
    const logprob = answered.reduce((sum, { scores, truth }) => sum + scores[truth], 0)
    tried.push({ shots, share: chosen.kind === 'label' ? accuracy : exact, logprob })
  }
  const best = tried.reduce((a, b) => (b.share > a.share || (b.share === a.share && b.logprob > a.logprob) ? b : a))
  return { shots: best.shots, calls: sets * rows.length }
}
