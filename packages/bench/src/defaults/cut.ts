import type { LoadedModel } from '@weft/model'
import type { Row, SplitTask } from './task.ts'

/** A task whose texts are no longer than a row may be, in all three parts alike: training cuts what is longer, and asking does not. Prompts and completions stay whole. */
export const cutTask = ({ tokenizer }: Pick<LoadedModel, 'tokenizer'>, { training, validation, heldOut }: SplitTask, maxLength: number): SplitTask => {
  const cut = (row: Row): Row => {
    if (!('text' in row) || !tokenizer) return row
    const special = tokenizer.encode('').length
    const ids = tokenizer.encode(row.text, { addSpecialTokens: false })
    return ids.length + special <= maxLength ? row : { ...row, text: tokenizer.decode(ids.slice(0, maxLength - special)) }
  }
  const [first, second, third] = [training, validation, heldOut].map((rows) => rows.map(cut))
  return { training: first, validation: second, heldOut: third }
}
