import { comparedLength, everydayRequests, type OperandChooser, operandChooser, type Probe, probeWords } from '@weft/protocol'
import { mean } from '../statistics.ts'
import type { RowPoints } from './chance.ts'
import { retention } from './measures.ts'
import { namesOf, type Scores } from './retentions.ts'
import type { Score, ScoredRows } from './score.ts'
import type { Scorer } from './scorer.ts'
import { everydayAsked } from './tasks/everyday-asked.ts'
import { probesOf, type Question, type Task } from './tasks/task.ts'

/** Of what is asked, the share for which its own adapter acts most, and alone. */
export interface Found {
  right: number
  alone: number
}

export interface AutoResult {
  /** Of each task's held-out rows, the share of which its own adapter acts most. */
  right: Record<string, number>
  /** … and acts alone. */
  alone: Record<string, number>
  /** The same of the beginnings of a style's held-out texts, with which one is asked to go on. */
  beginnings: Record<string, Found>
  /** Of forty everyday requests, which no task is, the share for which nothing acts. */
  left_alone: number
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

export interface AutoChoices extends Pick<AutoResult, 'right' | 'alone' | 'beginnings' | 'left_alone'> {
  chosen: Record<string, Chosen[]>
}

/** Words of a beginning. */
const BEGINNING = 8

/** What `auto(…)` over all tasks' adapters chooses for each held-out row, from the tasks' probes. */
export const chooseByProbes = async (scorer: Pick<Scorer, 'vectors'>, tasks: Readonly<Record<string, Task>>): Promise<AutoChoices> => {
  const names = Object.keys(tasks)
  const strengthsFor = chooserByLength(
    scorer,
    names.map((name) => probesOf(tasks[name])),
  )
  const result: AutoChoices = { right: {}, alone: {}, beginnings: {}, left_alone: shareOf(await strengthsFor(everydayAsked), isBase), chosen: {} }
  for (const [own, name] of names.entries()) {
    const task = tasks[name]
    const strengths = await strengthsFor(task.heldOut.map(askedText))
    const { right, alone } = found(strengths, own)
    result.right[name] = right
    result.alone[name] = alone
    if (task.kind === 'style') result.beginnings[name] = found(await strengthsFor(task.heldOut.map(({ text }) => beginningOf(text))), own)
    result.chosen[name] = [...Map.groupBy(strengths.keys(), (row) => JSON.stringify(strengths[row]))].map(([key, rows]) => {
      const each = JSON.parse(key) as number[]
      return { strengths: Object.fromEntries(names.flatMap((of, i) => (each[i] > 0 ? [[of, each[i]]] : []))), rows: new Set(rows) }
    })
  }
  return result
}

/** As the edge chooses: each text by itself, among probes that are cut to about its length. */
const chooserByLength = (scorer: Pick<Scorer, 'vectors'>, probes: readonly (readonly Probe[])[]): ((asked: readonly string[]) => Promise<number[][]>) => {
  const choosers = new Map<number, OperandChooser>()
  let everyday: Float32Array[] | undefined
  return async (asked) => {
    const strengths: number[][] = []
    const vectors = await scorer.vectors(asked)
    for (const [i, text] of asked.entries()) {
      const length = comparedLength(text.length, probes.flat())
      let known = choosers.get(length)
      if (!known) {
        const ofProbes: Float32Array[][] = []
        // One after another: sets of one shape would meet in the scorer's one engine.
        for (const own of probes) ofProbes.push(await scorer.vectors(own.map((probe) => probeWords(probe, length))))
        known = operandChooser(ofProbes, (everyday ??= await scorer.vectors(everydayRequests)))
        choosers.set(length, known)
      }
      strengths.push(known([vectors[i]]).strengths)
    }
    return strengths
  }
}

const found = (strengths: readonly (readonly number[])[], own: number): Found => {
  return {
    right: shareOf(strengths, (each) => each[own] > 0 && each[own] === Math.max(...each)),
    alone: shareOf(strengths, (each) => each.every((strength, i) => strength > 0 === (i === own))),
  }
}

const shareOf = (strengths: readonly (readonly number[])[], is: (strengths: readonly number[]) => boolean): number =>
  strengths.filter(is).length / strengths.length
const isBase = (strengths: readonly number[]): boolean => strengths.every((strength) => strength === 0)

const beginningOf = (text: string): string => text.split(/\s+/).slice(0, BEGINNING).join(' ')

/** A task's held-out rows, each under what was chosen for it. @param scored by what was chosen, in its order */
export const rowsUnderChoices = (chosen: readonly Chosen[], scored: readonly ScoredRows[]): RowPoints[] => {
  const rows: RowPoints[] = []
  for (const [i, group] of chosen.entries()) for (const [place, row] of [...group.rows].entries()) rows[row] = scored[i].rows[place]
  return rows
}

/** What is left under those choices. @param score of each task over its held-out rows, each under what was chosen for it */
export const autoResult = (
  { right, alone, beginnings, left_alone }: AutoChoices,
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
    beginnings,
    left_alone,
    score: { ...score },
    of_oracle: ofOracle,
    all_on: each((name) => (all === undefined ? null : kept(name, compositions[all][name].score))),
    mean_of_oracle: known.length === 0 ? null : mean(known),
  }
}

const askedText = (row: Question | { text: string }): string => ('prompt' in row ? row.prompt : row.text)
