import { type AutoChoices, type AutoResult, autoResult } from './auto.ts'
import { type Intervals, intervalsOf, type RowPoints, scoreOf } from './chance.ts'
import { keptBesideText, priceAlone, type Retentions, ratioToJoint, retentions, type Scores } from './retentions.ts'
import type { Score, ScoredRows } from './score.ts'

/** All that was scored, held-out row by row. */
export interface Measured {
  base: Record<string, ScoredRows>
  /** By composition, then by task. */
  compositions: Record<string, Record<string, ScoredRows>>
  /** Each alone, before it was settled. */
  unsettled?: Record<string, ScoredRows>
  /** Each beside the text that was given. */
  besideText?: Record<string, ScoredRows>
  /** One adapter trained on a pair's data, by pair, then by task. */
  joint?: Record<string, Record<string, ScoredRows>>
  /** What `auto(…)` chose for each row, and what that gave. */
  auto?: { choices: AutoChoices; rows: Record<string, readonly RowPoints[]> }
}

export interface Summary extends Retentions {
  base: Record<string, Score>
  /** By composition, then by task. */
  compositions: Scores
  /** What each scored alone before it was settled, and the share of that gain which it has alone since. */
  unsettled?: Record<string, Score>
  price_alone?: Record<string, number | null>
  /** What each scores beside the text that was given, and the share of its gain that it keeps there. */
  with_text?: Record<string, Score>
  beside_text?: Record<string, number | null>
  /** What one adapter scores that was trained on both tasks' data. */
  joint?: Scores
  ratio_to_joint?: number | null
  joint_ratios?: Record<string, number | null>
  auto?: AutoResult
  /** The middle 95 % of what other held-out rows might have given. */
  intervals: Intervals
}

export const summaryOf = (tasks: readonly string[], measured: Measured): Summary => ({
  ...figuresOf(tasks, measured, (_, { score }) => score),
  intervals: intervalsOf(Object.fromEntries(Object.entries(measured.base).map(([task, { rows }]) => [task, rows.length])), (score) => {
    const { auto, ...figures } = figuresOf(tasks, measured, (task, { rows }) => ({ score: score(task, rows) }), score)
    const { retention, mean_retention, worst, three_at_once, four_at_once, all_at_once, price_alone, beside_text, ratio_to_joint, joint_ratios } = figures
    const known = { retention, mean_retention, worst, three_at_once, four_at_once, all_at_once, price_alone, beside_text, ratio_to_joint, joint_ratios }
    return { ...known, ...(auto && { of_oracle: auto.of_oracle, mean_of_oracle: auto.mean_of_oracle }) }
  }),
})

const figuresOf = (
  tasks: readonly string[],
  { base, compositions, unsettled, besideText, joint, auto }: Measured,
  read: (task: string, of: ScoredRows) => Score,
  score: (task: string, rows: readonly RowPoints[]) => number = (_, rows) => scoreOf(rows),
): Omit<Summary, 'intervals'> => {
  const byTask = (of: Record<string, ScoredRows>): Record<string, Score> =>
    Object.fromEntries(Object.entries(of).map(([task, each]) => [task, read(task, each)]))
  const byBoth = (of: Record<string, Record<string, ScoredRows>>): Scores => Object.fromEntries(Object.entries(of).map(([name, each]) => [name, byTask(each)]))
  const scores = { base: byTask(base), compositions: byBoth(compositions) }
  const before = unsettled && byTask(unsettled)
  const withText = besideText && byTask(besideText)
  const ofPairs = joint && byBoth(joint)
  return {
    ...scores,
    ...retentions(tasks, scores.base, scores.compositions),
    ...(before && { unsettled: before, price_alone: priceAlone(scores.base, before, scores.compositions) }),
    ...(withText && { with_text: withText, beside_text: keptBesideText(scores.base, scores.compositions, withText) }),
    ...(ofPairs && { joint: ofPairs, ...ratioToJoint(scores.base, scores.compositions, ofPairs) }),
    ...(auto && {
      auto: autoResult(auto.choices, Object.fromEntries(Object.entries(auto.rows).map(([task, rows]) => [task, score(task, rows)])), scores),
    }),
  }
}
