import type { LoadedModel } from '@weft/model'
import { encodeBehind } from '@weft/model/tokenizer/behind'
import type { Row } from '../train-adapter.ts'
import type { TaskSet } from './task.ts'

/** How many rows of a task are longer than a row may be, of all that it has. */
export interface CutRows {
  rows: number
  of: number
}

/** What of each task is cut, its held-out rows included: nobody should read of a score on half of a text without being told. Tasks of which nothing is cut are left out. */
export function cutRows({ tokenizer }: Pick<LoadedModel, 'tokenizer'>, { tasks, maxLength }: TaskSet): Record<string, CutRows> {
  /** As many as training has of it: an answer is learned with the token that ends it. */
  const tokensOf = (row: Row): number => {
    if (!tokenizer) return 0
    if (!('answer' in row)) return tokenizer.encode(row.text).length
    const { prompt, answer } = row
    return tokenizer.encode(prompt).length + encodeBehind(tokenizer, prompt, answer).length + tokenizer.eosTokenIds.slice(0, 1).length
  }
  const isCut = (row: Row): boolean => {
    const { length } = 'answer' in row ? row.prompt + row.answer : row.text
    // A character is four tokens at most, so that what is short need not be tokenized; one token begins a text, and one ends it.
    return 4 * length + 2 > maxLength && tokensOf(row) > maxLength
  }
  const counted = Object.entries(tasks).map(([name, { rows, heldOut }]): [string, CutRows] => {
    const all: Row[] = [...rows, ...heldOut]
    return [name, { rows: all.filter(isCut).length, of: all.length }]
  })
  return Object.fromEntries(counted.filter(([, { rows }]) => rows > 0))
}
