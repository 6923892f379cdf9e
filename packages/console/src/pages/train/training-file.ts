import { isWeftError } from '@weft/adapters'
import { heldOutCount } from '@weft/protocol'
import { type RowKind, readRow, type TrainingRow } from '@weft/protocol/training-file/row'

/** Errors that are shown; a file of another format has one in every line. */
const MOST_ERRORS = 50

/** What a training file holds, bad lines included. */
export interface CheckedFile {
  name: string
  rows: number
  kinds: RowKind[]
  errors: { line: number; message: string }[]
  /** Lines with errors, those beyond the shown ones too. */
  badLines: number
  /** Rows of each label; of words, words. */
  labels: Map<string, number>
  /** Mean length of a row's text in characters. */
  meanCharacters: number
  /** The rows that are learned from, and those that are set aside. */
  /** Of the rows that count, which weigh more than 0. */
  split: { training: number; heldOut: number }
}

/** Checks every line, as the edge does, and goes on after a bad one. */
export const checkTrainingFile = (name: string, content: string): CheckedFile => {
  const errors: CheckedFile['errors'] = []
  const labels = new Map<string, number>()
  const kinds = new Set<RowKind>()
  let [rows, counting, badLines, characters] = [0, 0, 0, 0]
  for (const [i, text] of content.split('\n').entries()) {
    if (!text.trim()) continue
    try {
      const row = readRow(text, i + 1)
      rows += 1
      if (row.weight !== 0) counting += 1
      kinds.add(row.kind)
      characters += lengthOf(row)
      for (const label of labelsOf(row)) labels.set(label, (labels.get(label) ?? 0) + 1)
    } catch (error) {
      if (!isWeftError(error)) throw error
      badLines += 1
      if (errors.length < MOST_ERRORS) errors.push({ line: i + 1, message: error.message })
    }
  }
  const heldOut = heldOutCount(counting)
  return {
    name,
    rows,
    kinds: [...kinds],
    errors,
    badLines,
    labels,
    meanCharacters: rows === 0 ? 0 : characters / rows,
    split: { training: counting - heldOut, heldOut },
  }
}

/** Whether it can be trained on as it is: rows of one kind, and no bad line. */
export const isTrainable = ({ rows, kinds, badLines }: CheckedFile): boolean => rows > 0 && kinds.length === 1 && badLines === 0

const labelsOf = (row: TrainingRow): string[] => {
  if (row.kind === 'label') return [row.label]
  return row.kind === 'tokens' ? row.labels.filter((label) => label !== null) : []
}

const lengthOf = (row: TrainingRow): number => {
  switch (row.kind) {
    case 'completion':
      return row.prompt.length + (typeof row.completion === 'string' ? row.completion : row.completion.map(({ text }) => text).join('')).length
    case 'pair':
      return (row.prompt ?? '').length + row.positive.length + row.negative.length
    case 'document':
      return row.document.length
    case 'messages':
      return JSON.stringify(row.messages).length
    case 'tokens':
      return row.tokens.join(' ').length
    default:
      return row.text.length
  }
}
