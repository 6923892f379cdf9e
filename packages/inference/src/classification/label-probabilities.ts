import type { Composed } from '@weft/adapters'
import type { Classification, Labelled, LabelledToken } from '@weft/protocol'
import { logitsNotFinite } from '../errors.ts'

type Names = Pick<Composed, 'labels' | 'labelTasks' | 'sites'>
type Word = Omit<LabelledToken, 'label' | 'scores'>

/** Class probabilities of a text's `logits [C]`, of each task by itself where the head serves several. @throws WeftError `logits_not_finite` */
export const labelText = (logits: ArrayLike<number>, names: Names): Labelled =>
  byTask(names, (classes, of) =>
    classification(
      classes.map((c) => logits[c]),
      of,
    ),
  )

/** The same of a text's words; `logits [C]` of each. */
export const labelWords = (words: readonly Word[], logits: readonly ArrayLike<number>[], names: Names): Labelled =>
  byTask(names, (classes, of) => ({
    tokens: words.map((word, i) => ({
      ...word,
      ...classification(
        classes.map((c) => logits[i][c]),
        of,
      ),
    })),
  }))

/** Asks for the classes of each task; the answer is bare where there is one. Classes without a name are numbered, as Hugging Face numbers them. */
function byTask<T extends Classification | { tokens: LabelledToken[] }>(
  { labels, labelTasks, sites }: Names,
  answer: (classes: number[], name: (i: number) => string) => T,
): T | { tasks: Record<string, T> } {
  if (!labelTasks)
    return answer(
      Array.from({ length: sites.head.weight.shape[0] }, (_, c) => c),
      (i) => labels?.[i] ?? `LABEL_${i}`,
    )
  return {
    tasks: Object.fromEntries(
      [...new Set(labelTasks)].map((task) => {
        const classes = labelTasks.flatMap((each, c) => (each === task ? [c] : []))
        return [task, answer(classes, (i) => labels![classes[i]].slice(task.length + 1))]
      }),
    ),
  }
}

function classification(logits: number[], name: (i: number) => string): Classification {
  const max = Math.max(...logits)
  if (!Number.isFinite(max)) throw logitsNotFinite()
  const weights = logits.map((logit) => Math.exp(logit - max))
  const sum = weights.reduce((a, b) => a + b, 0)
  return { label: name(logits.indexOf(max)), scores: Object.fromEntries(weights.map((w, c) => [name(c), w / sum])) }
}
