import { isWeftError } from '@weft/adapters'
import { heldOutCount } from '@weft/protocol'
import { lineTooLong, textOfLine } from '@weft/protocol/training-file/line'
import { trainingFileLimits } from '@weft/protocol/training-file/reader'
import { type RowKind, readRow, rowForms, type TrainingRow } from '@weft/protocol/training-file/row'

/** Errors that are shown; a file of another format has one in every line. */
const MOST_ERRORS = 50

/** What a training file holds, bad lines included. */
export interface CheckedFile {
  name: string
  rows: number
  /** Rows that weigh more than 0. */
  counting: number
  kinds: RowKind[]
  errors: { line: number; message: string }[]
  /** Lines with errors, those beyond the shown ones too. */
  badLines: number
  /** Why it cannot be trained on as it is, and what to do; undefined where it can. */
  refusal: string | undefined
  /** Rows of each label; of words, words. */
  labels: Map<string, number>
  /** Mean length of a row's text in characters. */
  meanCharacters: number
  /** Of the rows that count, which weigh more than 0: those that are learned from, and those that are set aside. */
  split: { training: number; heldOut: number }
}

/** A file's bytes as they are now. @throws Error that says what to do where the browser does not give them */
export const bytesOf = async (file: File): Promise<Uint8Array<ArrayBuffer>> => {
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch {
    throw new Error(`The browser cannot read ${file.name}: it is a folder, is too large, or was changed or moved since it was chosen. Choose it again.`)
  }
}

/** Checks a file that was chosen; one that cannot be read is refused as well. */
export const checkChosenFile = async (file: File): Promise<CheckedFile> => {
  try {
    return checkTrainingFile(file.name, await bytesOf(file))
  } catch (error) {
    return { ...checkTrainingFile(file.name, new Uint8Array()), refusal: (error as Error).message }
  }
}

/** Checks every line, as the edge does, and goes on after a bad one. */
export const checkTrainingFile = (name: string, content: Uint8Array): CheckedFile => {
  const errors: CheckedFile['errors'] = []
  const labels = new Map<string, number>()
  const kinds = new Set<RowKind>()
  let [rows, counting, badLines, characters] = [0, 0, 0, 0]
  let line = 0
  for (const bytes of linesOf(content)) {
    line += 1
    try {
      if (bytes.length > trainingFileLimits.lineBytes) throw lineTooLong(trainingFileLimits.lineBytes, line)
      const text = textOfLine(bytes, line)
      if (!text.trim()) continue
      const row = readRow(text, line)
      rows += 1
      if (row.weight !== 0) counting += 1
      kinds.add(row.kind)
      characters += lengthOf(row)
      for (const label of labelsOf(row)) labels.set(label, (labels.get(label) ?? 0) + 1)
    } catch (error) {
      if (!isWeftError(error)) throw error
      badLines += 1
      if (errors.length < MOST_ERRORS) errors.push({ line, message: error.message })
    }
  }
  const heldOut = heldOutCount(counting)
  const checked = { name, rows, counting, kinds: [...kinds], errors, badLines, labels }
  return {
    ...checked,
    refusal: refusalOf(checked, content.length),
    meanCharacters: rows === 0 ? 0 : characters / rows,
    split: { training: counting - heldOut, heldOut },
  }
}

function* linesOf(content: Uint8Array): Generator<Uint8Array> {
  let start = 0
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, start)) {
    yield content.subarray(start, at)
    start = at + 1
  }
  yield content.subarray(start)
}

type Counted = Pick<CheckedFile, 'rows' | 'counting' | 'kinds' | 'badLines' | 'labels'>

const refusalOf = ({ rows, counting, kinds, badLines, labels }: Counted, bytes: number): string | undefined => {
  const most = trainingFileLimits
  if (badLines > 0) return `It has ${badLines} bad ${badLines === 1 ? 'line' : 'lines'}: mend what is listed, and choose the file again.`
  if (rows === 0) return `It has no rows. Expected a line for each row, of ${rowForms}.`
  if (counting === 0) return 'Every row has the weight 0: there is nothing to learn from. Give some a weight above 0.'
  if (kinds.length > 1) return 'All rows of a file must be of one kind: make a file of each.'
  if (bytes > most.bytes) return `It is larger than ${most.bytes} bytes: split it, or train on a sample.`
  if (rows > most.rows) return `It has more than ${most.rows} rows: train on a sample.`
  if (labels.size > most.labels) return `It has more than ${most.labels} different labels: is "label" a class?`
  return undefined
}

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
      return JSON.stringify([row.messages, row.tools]).length
    case 'tokens':
      return row.tokens.join(' ').length
    default:
      return row.text.length
  }
}
