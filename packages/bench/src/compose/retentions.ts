import { mean } from '../statistics.ts'
import { retention } from './measures.ts'
import type { Score } from './score.ts'

/** One task's scores by composition, then by task. */
export type Scores = Record<string, Record<string, Score>>

export interface Retentions {
  /** In pairs and more; null for an adapter that gained nothing alone. */
  retention: Record<string, number | null>
  /** Over the places in pairs, and the least of them. */
  mean_retention?: number | null
  worst?: number | null
  three_at_once?: number | null
  four_at_once?: number | null
  /** All tasks together, where there are more than four. */
  all_at_once?: number | null
  /** The same with labels calibrated in compositions, never alone. */
  calibrated?: { mean_retention: number | null; worst: number | null; three_at_once: number | null; four_at_once?: number | null }
}

export const namesOf = (expression: string): string[] => expression.split(' + ')

/** Each alone, in pairs, in threes up to four tasks, and all together. */
export const subsets = (all: readonly string[]): string[] => {
  const pairs = all.flatMap((a, i) => all.slice(i + 1).map((b) => [a, b]))
  const threes = all.length === 4 ? all.map((left) => all.filter((name) => name !== left)) : []
  return [...all.map((name) => [name]), ...pairs, ...threes, ...(all.length > 2 ? [[...all]] : [])].map((names) => names.join(' + '))
}

/** Alone nothing is calibrated. In a composition the calibrated score is measured against the same gain. */
export const retentions = (wanted: readonly string[], base: Record<string, Score>, composed: Scores): Retentions => {
  const kept = (expression: string, name: string, calibrated: boolean): number | null =>
    retention({
      base: base[name].score,
      alone: composed[name][name].score,
      composed: (calibrated ? composed[expression][name].calibrated?.score : undefined) ?? composed[expression][name].score,
    })
  const over = (size: number, calibrated: boolean): [string, number | null][] =>
    Object.keys(composed)
      .filter((expression) => namesOf(expression).length === size)
      .flatMap((expression) => namesOf(expression).map((name): [string, number | null] => [`${name} in ${expression}`, kept(expression, name, calibrated)]))
  if (wanted.length < 2) return { retention: {} }
  const summary = (calibrated: boolean) => ({
    mean_retention: meanOf(over(2, calibrated)),
    worst: worst(over(2, calibrated)),
    three_at_once: meanOf(over(3, calibrated)),
    ...(wanted.length >= 4 && { four_at_once: meanOf(over(4, calibrated)) }),
  })
  return {
    retention: Object.fromEntries([2, 3, 4, 5, 6].flatMap((size) => over(size, false))),
    ...summary(false),
    ...(wanted.length > 4 && { all_at_once: meanOf(over(wanted.length, false)) }),
    calibrated: summary(true),
  }
}

/** Of what each adapter gained over the base before it was settled, the share that it gains alone since: 1 where settling costs nothing. */
export const priceAlone = (base: Record<string, Score>, unsettled: Record<string, Score>, composed: Scores): Record<string, number | null> =>
  Object.fromEntries(
    Object.entries(unsettled).map(([name, { score }]) => [name, retention({ base: base[name].score, alone: score, composed: composed[name][name].score })]),
  )

/** Of what each adapter gains over the base alone, the share that it gains beside a text. */
export const keptBesideText = (base: Record<string, Score>, composed: Scores, beside: Record<string, Score>): Record<string, number | null> =>
  Object.fromEntries(
    Object.entries(beside).map(([name, { score }]) => [name, retention({ base: base[name].score, alone: composed[name][name].score, composed: score })]),
  )

/** Of what one adapter trained on both tasks' data gains over the base, the share that the composed pair gains: a mean over all places in pairs. */
export const ratioToJoint = (
  base: Record<string, Score>,
  composed: Scores,
  joint: Scores,
): { ratio_to_joint: number | null; joint_ratios: Record<string, number | null> } => {
  const places = Object.entries(joint).flatMap(([pair, scores]) =>
    Object.entries(scores).map(([name, { score }]): [string, number | null] => [
      `${name} in ${pair}`,
      retention({ base: base[name].score, alone: score, composed: composed[pair][name].score }),
    ]),
  )
  return { ratio_to_joint: meanOf(places), joint_ratios: Object.fromEntries(places) }
}

type Places = readonly (readonly [string, number | null])[]
const known = (places: Places): number[] => places.flatMap(([, value]) => (value === null ? [] : [value]))
const meanOf = (places: Places): number | null => (known(places).length === 0 ? null : mean(known(places)))
const worst = (places: Places): number | null => (known(places).length === 0 ? null : Math.min(...known(places)))
