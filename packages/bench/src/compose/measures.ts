import { mean } from '../statistics.ts'
import type { Answered } from './scorer.ts'

/** How a label is told, and how a format is kept. */
export interface Marks {
  accuracy: number
  /** Chance that a row of the first class is ranked before one of the second, by log-odds; of two classes. */
  auc?: number
  /** Share of answers in the format, whatever they say. */
  format: number
  /** In the format, and right. */
  exact: number
}

/** Mean log-odds of each answer against the mean of all, over unlabelled rows: what calibration subtracts. */
export const leaning = (answered: readonly Answered[]): number[] => {
  const rows = answered.map(({ scores }) => centred(scores))
  return rows[0].map((_, c) => rows.reduce((sum, row) => sum + row[c], 0) / rows.length)
}

/** @param bias what to subtract from the log-odds; nothing without it */
export const marks = (answered: readonly Answered[], bias?: readonly number[]): Marks => {
  const rows = answered.map((each) => ({ ...each, odds: centred(each.scores).map((score, c) => score - (bias?.[c] ?? 0)) }))
  const right = ({ odds, truth }: { odds: number[]; truth: number }): boolean => odds.indexOf(Math.max(...odds)) === truth
  const share = (of: (row: (typeof rows)[number]) => boolean): number => rows.filter(of).length / rows.length
  return {
    accuracy: share(right),
    ...(rows[0].odds.length === 2 && { auc: areaUnderCurve(rows.map(({ odds, truth }) => ({ score: odds[0], positive: truth === 0 }))) }),
    format: share((row) => row.before && row.among),
    exact: share((row) => row.before && row.among && row.after && right(row)),
  }
}

const centred = (scores: readonly number[]): number[] => {
  const middle = mean(scores)
  return scores.map((score) => score - middle)
}

/** Ties count half. */
export const areaUnderCurve = (rows: readonly { score: number; positive: boolean }[]): number => {
  const [positive, negative] = [rows.filter((row) => row.positive), rows.filter((row) => !row.positive)]
  const wins = positive.reduce((sum, { score }) => sum + negative.reduce((n, other) => n + (score > other.score ? 1 : score === other.score ? 0.5 : 0), 0), 0)
  return wins / (positive.length * negative.length)
}

/** The share of an adapter's gain that is left in a composition: above 1 where the other adapters help, null where nothing was gained alone. */
export const retention = ({ base, alone, composed }: { base: number; alone: number; composed: number }): number | null =>
  alone > base ? (composed - base) / (alone - base) : null
