import { allBrokeDown } from '../errors.ts'
import type { PointScores } from './over-seeds.ts'

export type ScoreName = 'accuracy' | 'loss'

/** One setting, and what it scored, in the mean over the seeds. */
export interface Scored {
  learning_rate: number
  value: unknown
  /** Null where training broke down. */
  validation: number | null
  held_out: number | null
  /** What the mean is of; empty where training broke down. */
  held_out_by_seed: number[]
}

/** A method's defaults on one task, beside the setting of its grid that was best on the validation rows. */
export interface Comparison {
  task: string
  method: string
  /** What is compared; of an accuracy more is better, of a loss less. */
  score: ScoreName
  /** The setting beside the learning rate. */
  setting: string
  /** How many settings were tried. */
  points: number
  default: Scored
  best: Scored
  /** On held-out rows, the default's share of the best: of a loss, the best's of the default. 1 is as good; above it the default is better, 0 where it broke down. */
  ratio: number
  /** Whether the grid's best has its lowest or highest learning rate, beyond which there may be a better one. */
  at_edge: boolean
}

/** The best on validation rows, by accuracy and then by loss. What is reported plays no part. @throws WeftError `all_broke_down` */
export const bestOf = (records: readonly PointScores[]): PointScores & { validation: Record<string, number> } => {
  const whole = records.filter(isWhole)
  if (whole.length === 0) throw allBrokeDown(records[0].method, records[0].task)
  return whole.reduce((best, record) => {
    const gain = (record.validation.accuracy ?? 0) - (best.validation.accuracy ?? 0)
    return gain > 0 || (gain === 0 && record.validation.loss < best.validation.loss) ? record : best
  })
}

const isWhole = (record: PointScores): record is PointScores & { validation: Record<string, number> } => record.validation !== null

export const comparisonOf = (records: readonly PointScores[], usual: PointScores, best: PointScores): Comparison => {
  const score = best.validation!.accuracy === undefined ? 'loss' : 'accuracy'
  const scored = ({ learningRate, value, validation, heldOut, heldOutBySeed = [] }: PointScores): Scored => ({
    learning_rate: learningRate,
    value,
    validation: validation?.[score] ?? null,
    held_out: heldOut?.[score] ?? null,
    held_out_by_seed: heldOutBySeed.map((scores) => scores[score]),
  })
  const [ofDefault, ofBest] = [scored(usual), scored(best)]
  const rates = records.map(({ learningRate }) => learningRate)
  return {
    task: usual.task,
    method: usual.method,
    score,
    setting: usual.setting,
    points: records.length,
    default: ofDefault,
    best: ofBest,
    ratio: ofDefault.held_out === null ? 0 : score === 'accuracy' ? ofDefault.held_out / ofBest.held_out! : ofBest.held_out! / ofDefault.held_out,
    at_edge: best.learningRate === Math.min(...rates) || best.learningRate === Math.max(...rates),
  }
}
