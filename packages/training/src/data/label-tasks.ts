import type { GraphBuilder, Value } from '@weft/graph'
import type { NumberedRow } from '@weft/protocol'
import { taskMissing, tooFewLabels } from '../errors.ts'

/**
 * The task of each class, where rows name theirs: several tasks share what is trained, each with classes of its own (Liu et al. 2021,
 * P-tuning v2). Undefined where none does. @throws TrainingError `task_missing`, `too_few_labels`
 */
export const labelTasksOf = (file: string, rows: readonly NumberedRow[], labels: readonly string[]): string[] | undefined => {
  const named = rows.filter(({ row }) => 'task' in row && row.task !== undefined)
  if (named.length === 0) return undefined
  const without = rows.find(({ row }) => !('task' in row) || row.task === undefined)
  if (without) throw taskMissing(file, without.line, named[0].line)
  const tasks = labels.map((label) => label.slice(0, label.indexOf('/')))
  for (const task of new Set(tasks)) {
    const own = labels.filter((_, c) => tasks[c] === task)
    if (own.length < 2) throw tooFewLabels(own)
  }
  return tasks
}

/** Classes of one task stand side by side, since labels are sorted: their first and their number. */
export const spansOf = (labelTasks: readonly string[]): { task: string; first: number; count: number }[] =>
  [...new Set(labelTasks)].map((task) => ({ task, first: labelTasks.indexOf(task), count: labelTasks.filter((each) => each === task).length }))

interface ClassifierLoss {
  rows: Value
  weight: Value
  bias?: Value
  targets: Value
  weights: Value
}

/**
 * Σ weights·nll, each row's softmax over its own task's classes: a task is a slice of the head `[C,H]`, and a row of another task weighs
 * nothing in it. Which task a target is of, and which class within it, are small tables that the targets pick from.
 */
export const classifierLoss = (g: GraphBuilder, { rows, weight, bias, targets, weights }: ClassifierLoss, labelTasks: readonly string[] | undefined): Value => {
  if (!labelTasks) return g.linearCrossEntropy(rows, weight, targets, weights, bias && { bias })
  const spans = spansOf(labelTasks)
  const counts = spans.map(({ count }) => count)
  const [heads, biases] = [g.split(weight, counts, 0), bias && g.split(bias, counts, 0)]
  const losses = spans.map(({ first, count }, t) => {
    const own = (c: number): boolean => c >= first && c < first + count
    const within = g.constant(
      BigInt64Array.from(labelTasks, (_, c) => BigInt(own(c) ? c - first : 0)),
      [labelTasks.length],
    )
    const counts = g.constant(
      Float32Array.from(labelTasks, (_, c) => Number(own(c))),
      [labelTasks.length],
    )
    return g.linearCrossEntropy(rows, heads[t], g.gather(within, targets, 0), g.mul(weights, g.gather(counts, targets, 0)), biases && { bias: biases[t] })
  })
  return losses.reduce((sum, loss) => g.add(sum, loss))
}
