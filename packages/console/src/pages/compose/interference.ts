import type { WeftClient } from '@weft/client'
import type { Term } from './placed.ts'

/** What one adapter says alone and beside another, on the same inputs. */
export interface Disturbance {
  /** The adapter that is disturbed, and the one that stands beside it. */
  of: string
  by: string
  /** Mean over tokens of |log p beside − log p alone|, in nats; of labels, the mean total variation. */
  shift: number
  /** The input on which it is largest, and how large. */
  worst: { input: string; shift: number }
}

export interface Interference {
  names: string[]
  /** `of` in rows, `by` in columns; null on the diagonal. */
  matrix: (Disturbance | null)[][]
  /** How many inputs it was measured on. */
  inputs: number
}

/** What an adapter answers to each input, as numbers that can be compared. */
type Answers = number[][]

/** Measures every pair of a composition's adapters on inputs. @param onStep hears how many of how many questions are answered */
export const measureInterference = async (
  weft: WeftClient,
  model: string,
  terms: readonly Term[],
  input: string[],
  onStep: (done: number, of: number) => void,
): Promise<Interference> => {
  const names = terms.map(({ expression, ref }) => ref ?? expression)
  const total = terms.length + terms.length * (terms.length - 1)
  let done = 0
  const ask = async (of: Term, by?: Term): Promise<Answers> => {
    const expression = [model, of.expression, ...(by ? [by.expression] : [])].join(' + ')
    const answers = of.sites.includes('head') ? await labelShares(weft, expression, input) : await tokenLogprobs(weft, expression, input)
    onStep(++done, total)
    return answers
  }
  const matrix: Interference['matrix'] = []
  for (const [i, of] of terms.entries()) {
    const alone = await ask(of)
    const row: (Disturbance | null)[] = []
    for (const [j, by] of terms.entries())
      row.push(i === j ? null : { of: names[i]!, by: names[j]!, ...difference(alone, await ask(of, by), input, of.sites.includes('head')) })
    matrix.push(row)
  }
  return { names, matrix, inputs: input.length }
}

const tokenLogprobs = async (weft: WeftClient, model: string, input: string[]): Promise<Answers> =>
  (await weft.score({ model, input, tokenLogprobs: true })).data.map(({ tokenLogprobs = [] }) => tokenLogprobs)

const labelShares = async (weft: WeftClient, model: string, input: string[]): Promise<Answers> =>
  (await weft.classify({ model, input, calibrated: false })).data.map(({ scores }) =>
    Object.keys(scores)
      .sort()
      .map((label) => scores[label]!),
  )

const difference = (alone: Answers, beside: Answers, input: readonly string[], labels: boolean): Pick<Disturbance, 'shift' | 'worst'> => {
  const each = alone.map((values, i) => {
    // Behind a prefix, or behind rows, a text may have one token more that is predicted: the last ones are the same.
    const count = Math.min(values.length, beside[i]!.length)
    const moved = values.slice(-count).map((value, t) => Math.abs(value - beside[i]!.slice(-count)[t]!))
    const sum = moved.reduce((total, value) => total + value, 0)
    return { sum: labels ? sum / 2 : sum, count: labels ? 1 : count }
  })
  const shifts = each.map(({ sum, count }) => (count === 0 ? 0 : sum / count))
  const most = shifts.indexOf(Math.max(...shifts))
  const tokens = each.reduce((total, { count }) => total + count, 0)
  return { shift: tokens === 0 ? 0 : each.reduce((total, { sum }) => total + sum, 0) / tokens, worst: { input: input[most]!, shift: shifts[most]! } }
}
