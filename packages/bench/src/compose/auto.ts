import { operandChooser, type Probe } from '@weft/protocol'
import { retention } from './measures.ts'
import { namesOf, type Scores } from './retentions.ts'
import { type Score, scored } from './score.ts'
import type { Asked, Scorer } from './scorer.ts'
import { probesOf, type Question, type Task } from './task.ts'

export interface AutoResult {
  /** Of each task's held-out rows, the share of which its own adapter acts most. */
  right: Record<string, number>
  /** … and acts alone. */
  alone: Record<string, number>
  /** A mean over rows, each under what was chosen for it. */
  score: Record<string, number>
  /** Of what the task's own adapter gains over the base, the share that is left: what the oracle would choose has 1. */
  of_oracle: Record<string, number | null>
  /** The same where all adapters act on every row. */
  all_on: Record<string, number | null>
  mean_of_oracle: number | null
}

/**
 * What `auto(…)` over all tasks' adapters keeps, each held-out row under what is chosen for it from the tasks' probes.
 * @param askedBy adapters with strengths, by name; none is the base
 */
export const measureAuto = async (
  scorer: Scorer,
  tasks: Readonly<Record<string, Task>>,
  { base, compositions, askedBy }: { base: Record<string, Score>; compositions: Scores; askedBy: (strengths: Readonly<Record<string, number>>) => Asked },
): Promise<AutoResult> => {
  const names = Object.keys(tasks)
  const operands: Float32Array[][] = []
  for (const name of names) operands.push(await scorer.vectors(probesOf(tasks[name]).map(textOf)))
  const choose = operandChooser(operands)
  const all = Object.keys(compositions).find((expression) => namesOf(expression).length === names.length)
  const result: AutoResult = { right: {}, alone: {}, score: {}, of_oracle: {}, all_on: {}, mean_of_oracle: null }
  for (const [own, name] of names.entries()) {
    const task = tasks[name]
    const vectors = await scorer.vectors(task.heldOut.map(askedText))
    const chosen = vectors.map((vector) => choose([vector]).strengths)
    const share = (of: (strengths: number[]) => boolean): number => chosen.filter(of).length / chosen.length
    result.right[name] = share((strengths) => strengths[own] > 0 && strengths[own] === Math.max(...strengths))
    result.alone[name] = share((strengths) => strengths.every((strength, i) => strength > 0 === (i === own)))
    let sum = 0
    for (const [key, rows] of Map.groupBy(chosen.keys(), (row) => JSON.stringify(chosen[row]))) {
      const strengths = JSON.parse(key) as number[]
      const asked = askedBy(Object.fromEntries(names.flatMap((of, i) => (strengths[i] > 0 ? [[of, strengths[i]]] : []))))
      sum += rows.length * (await scored(scorer, asked, { ...task, heldOut: rows.map((row) => task.heldOut[row]) } as Task)).score
    }
    result.score[name] = sum / chosen.length
    const gain = { base: base[name].score, alone: compositions[name][name].score }
    result.of_oracle[name] = retention({ ...gain, composed: result.score[name] })
    result.all_on[name] = all === undefined ? null : retention({ ...gain, composed: compositions[all][name].score })
  }
  const known = Object.values(result.of_oracle).filter((value) => value !== null)
  return { ...result, mean_of_oracle: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length }
}

const askedText = (row: Question | { text: string }): string => ('prompt' in row ? row.prompt : row.text)
const textOf = (probe: Probe): string => ('prompt' in probe ? probe.prompt : 'text' in probe ? probe.text : '')
