import { Random } from '@weft/adapters'
import type { TokenRow } from '../data/token-row.ts'
import type { RowsAtOnce } from './rows-at-once.ts'

/** Batches within which rows are sorted by length, so that little is padded and the order stays random (as `group_by_length` does). */
const MEGABATCH = 32

/**
 * The batches of one epoch as row numbers: a pure function of (lengths, batchSize, seed, epoch).
 * The last batch may be smaller.
 */
export const epochBatches = (lengths: readonly number[], batchSize: number, seed: number, epoch: number): number[][] => {
  const random = new Random(seed).split('epoch').split(epoch)
  const order = [...random.permutation(lengths.length)]
  const batches: number[][] = []
  for (let at = 0; at < order.length; at += MEGABATCH * batchSize) {
    const mega = order.slice(at, at + MEGABATCH * batchSize).sort((a, b) => lengths[b] - lengths[a] || a - b)
    for (let i = 0; i < mega.length; i += batchSize) batches.push(mega.slice(i, i + batchSize))
  }
  return [...random.permutation(batches.length)].map((i) => batches[i])
}

/** Held-out rows in batches of like length; no chance in it. */
export const evaluationBatches = (lengths: readonly number[], batchSize: number): number[][] => {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[a] - lengths[b] || a - b)
  return Array.from({ length: Math.ceil(order.length / batchSize) }, (_, i) => order.slice(i * batchSize, (i + 1) * batchSize))
}

/** A static shape of a session: rows, tokens a row, and tokens of all rows that carry a loss. */
export interface Bucket {
  rows: number
  length: number
  lossRows: number
  /** Tokens a row that a decoder answers, where the rows' own are an encoder's. */
  targets?: number
}

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to

/**
 * At most `count` row lengths such that padding every batch up to the next of them wastes least. A session is built per length: with a
 * `price`, in tokens of a row, a length is only there if it saves more than that. Solved exactly, by dynamic programming over the distinct lengths.
 */
export const chooseLengths = (batchLengths: readonly number[], count: number, { step = 8, price = 0 } = {}): number[] => {
  const counts = new Map<number, number>()
  for (const n of batchLengths) counts.set(roundUp(n, step), (counts.get(roundUp(n, step)) ?? 0) + 1)
  const lengths = [...counts.keys()].sort((a, b) => a - b)
  // cost[j]: padded tokens of the batches up to lengths[j], the last bucket being lengths[j]
  const from: number[][] = []
  let cost = lengths.map((_, j) => lengths[j] * lengths.slice(0, j + 1).reduce((n, l) => n + counts.get(l)!, 0) + price)
  for (let k = 1; k < Math.min(count, lengths.length); k++) {
    const choice: number[] = []
    cost = lengths.map((length, j) => {
      let best = cost[j]
      choice[j] = -1
      let batches = 0
      for (let i = j - 1; i >= 0; i--) {
        batches += counts.get(lengths[i + 1])!
        if (cost[i] + length * batches + price < best) {
          best = cost[i] + length * batches + price
          choice[j] = i
        }
      }
      return best
    })
    from.push(choice)
  }
  const chosen: number[] = []
  let j = lengths.length - 1
  for (let k = from.length - 1; k >= -1 && j >= 0; k--) {
    while (k >= 0 && from[k][j] === -1) k--
    chosen.unshift(lengths[j])
    if (k < 0) break
    j = from[k][j]
  }
  return chosen
}

interface Buckets {
  /** The parts of a batch that are computed one after another: all of it, where no more rows stand in a bucket than may. */
  partsOf(batch: readonly number[]): (readonly number[])[]
  bucketOf(part: readonly number[]): Bucket
}

/**
 * Row batches with the buckets that their parts run in. `lossRows` of a bucket fits the fullest of its parts, `targets` the longest answer. A part that
 * is not among them and is fuller has a bucket of its own size.
 * @param rowsAtOnce rows of a part at most, by the bucket's length and the longest answer of the batches that it is the length of
 */
export const bucketed = (
  rows: readonly TokenRow[],
  wholes: readonly (readonly number[])[],
  batchSize: number,
  lengths: readonly number[],
  maxLength: number,
  rowsAtOnce: RowsAtOnce = () => batchSize,
): Buckets => {
  const lengthOf = (batch: readonly number[]): number => {
    const longest = Math.max(...batch.map((i) => rows[i].tokens.length))
    return Math.min(maxLength, lengths.find((l) => l >= longest) ?? roundUp(longest, 8))
  }
  const answered = (batch: readonly number[]): number => Math.max(...batch.map((i) => rows[i].targets?.length ?? 0))
  const longestAnswers = new Map<number, number>()
  for (const whole of wholes) longestAnswers.set(lengthOf(whole), Math.max(answered(whole), longestAnswers.get(lengthOf(whole)) ?? 0))
  /** As many as make parts of one size. */
  const rowCount = (length: number): number => Math.ceil(batchSize / Math.ceil(batchSize / rowsAtOnce(length, longestAnswers.get(length))))
  const partsOf = (batch: readonly number[]): (readonly number[])[] => {
    const parts: (readonly number[])[] = []
    for (let at = 0; at < batch.length; at += parts.at(-1)!.length) parts.push(batch.slice(at, at + rowCount(lengthOf(batch.slice(at)))))
    return parts
  }
  const batches = wholes.flatMap(partsOf)
  const most = new Map<number, number>()
  const answers = new Map<number, number>()
  const counted = (batch: readonly number[]): number => batch.reduce((n, i) => n + (rows[i].label === undefined ? lossTokens(rows[i]) : 1), 0)
  for (const batch of batches) {
    const length = lengthOf(batch)
    most.set(length, Math.max(counted(batch), most.get(length) ?? 1))
    answers.set(length, Math.max(answered(batch), answers.get(length) ?? 0))
  }
  return {
    partsOf,
    bucketOf: (batch) => {
      const length = lengthOf(batch)
      const lossRows = Math.max(most.get(length) ?? 1, counted(batch))
      const targets = Math.max(answers.get(length) ?? 0, answered(batch))
      return { rows: rowCount(length), length, lossRows: roundUp(lossRows, 8), ...(targets > 0 && { targets: Math.min(maxLength, roundUp(targets, 8)) }) }
    },
  }
}

const lossTokens = ({ weights }: TokenRow): number => weights.reduce((n, w) => n + (w > 0 ? 1 : 0), 0)
