import { operandChooser, type Probe } from '@weft/protocol'
import type { RowPoints } from './chance.ts'
import { retention } from './measures.ts'
import { namesOf, type Scores } from './retentions.ts'
import type { Score, ScoredRows } from './score.ts'
import type { Scorer } from './scorer.ts'
import { probesOf, type Question, type Task } from './tasks/task.ts'

export interface AutoResult {
  /** Of each task's held-out rows, the share of which its own adapter acts most. */
  right: Record<string, number>
  /** … and acts alone. */
  alone: Record<string, number>
  /** Over all held-out rows, each under what was chosen for it. */
  score: Record<string, number>
  /** Of what the task's own adapter gains over the base, the share that is left: what the oracle would choose has 1. */
  of_oracle: Record<string, number | null>
  /** The same where all adapters act on every row. */
  all_on: Record<string, number | null>
  mean_of_oracle: number | null
}

/** Held-out rows of a task for which the same is chosen. */
export interface Chosen {
  /** By adapter; none is the base. */
  strengths: Record<string, number>
  rows: ReadonlySet<number>
}

export interface AutoChoices {
  right: AutoResult['right']
  alone: AutoResult['alone']
  chosen: Record<string, Chosen[]>
}

/** What `auto(…)` over all tasks' adapters chooses for each held-out row, from the tasks' probes. */
export const chooseByProbes = async (scorer: Scorer, tasks: Readonly<Record<string, Task>>): Promise<AutoChoices> => {
  const names = Object.keys(tasks)
  const texts = names.map((name) => ({ probes: probesOf(tasks[name]).map(textOf), heldOut: tasks[name].heldOut.map(askedText) }))
  const vectors = await scorer.vectors(texts.flatMap(({ probes, heldOut }) => [...probes, ...heldOut]))
  const read = texts.map(({ probes, heldOut }) => ({ probes: vectors.splice(0, probes.length), heldOut: vectors.splice(0, heldOut.length) }))
  const choose = operandChooser(read.map(({ probes }) => probes))
  const result: AutoChoices = { right: {}, alone: {}, chosen: {} }
  for (const [own, name] of names.entries()) {
    const strengths = read[own].heldOut.map((vector) => choose([vector]).strengths)
    const share = (of: (strengths: number[]) => boolean): number => strengths.filter(of).length / strengths.length
    result.right[name] = share((each) => each[own] > 0 && each[own] === Math.max(...each))
    result.alone[name] = share((each) => each.every((strength, i) => strength > 0 === (i === own)))
    result.chosen[name] = [...Map.groupBy(strengths.keys(), (row) => JSON.stringify(strengths[row]))].map(([key, rows]) => {
      const each = JSON.parse(key) as number[]
      return { strengths: Object.fromEntries(names.flatMap((of, i) => (each[i] > 0 ? [[of, each[i]]] : []))), rows: new Set(rows) }
    })
  }
  return result
}

/** A task's held-out rows, each under what was chosen for it. @param scored by what was chosen, in its order */
export const rowsUnderChoices = (chosen: readonly Chosen[], scored: readonly ScoredRows[]): RowPoints[] => {
  const rows: RowPoints[] = []
  for (const [i, group] of chosen.entries()) for (const [place, row] of [...group.rows].entries()) rows[row] = scored[i].rows[place]
  return rows
}

/** What is left under those choices. @param score of each task over its held-out rows, each under what was chosen for it */
export const autoResult = (
  { right, alone }: AutoChoices,
  score: Readonly<Record<string, number>>,
  { base, compositions }: { base: Record<string, Score>; compositions: Scores },
): AutoResult => {
  const names = Object.keys(score)
  const all = Object.keys(compositions).find((expression) => namesOf(expression).length === names.length)
  const each = <T>(of: (name: string) => T): Record<string, T> => Object.fromEntries(names.map((name) => [name, of(name)]))
  const kept = (name: string, composed: number): number | null => retention({ base: base[name].score, alone: compositions[name][name].score, composed })
  const ofOracle = each((name) => kept(name, score[name]))
  const known = Object.values(ofOracle).filter((value) => value !== null)
  return {
    right,
    alone,
    score: { ...score },
    of_oracle: ofOracle,
    all_on: each((name) => (all === undefined ? null : kept(name, compositions[all][name].score))),
    mean_of_oracle: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length,
  }
}

const askedText = (row: Question | { text: string }): string => ('prompt' in row ? row.prompt : row.text)
const textOf = (probe: Probe): string => ('prompt' in probe ? probe.prompt : 'text' in probe ? probe.text : '')
