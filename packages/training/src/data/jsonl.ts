import { isWeftError, readRow, type TrainingRow } from '@weft/protocol'
import { emptyFile, fileTooLarge, malformedLine } from '../errors.ts'

/** A row and where it stands, for errors. */
export interface NumberedRow {
  line: number
  row: TrainingRow
}

export const MAX_FILE_BYTES = 256 * 1024 * 1024

/**
 * Reads JSON Lines. Blank lines are skipped, everything else must be one of the kinds of row there are.
 * @param file how errors name it: `training` or `validation`
 * @throws TrainingError `empty_file`, `file_too_large` or `malformed_line` with the line's number
 */
export const parseRows = (file: string, content: string | Uint8Array, maxBytes = MAX_FILE_BYTES): NumberedRow[] => {
  if (content.length > maxBytes) throw fileTooLarge(file, content.length, maxBytes)
  const text = typeof content === 'string' ? content : decode(file, content)
  const rows: NumberedRow[] = []
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() !== '') rows.push({ line: i + 1, row: parseRow(file, i + 1, line) })
  }
  if (rows.length === 0) throw emptyFile(file)
  return rows
}

const decode = (file: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const valid = new TextDecoder().decode(bytes)
    throw malformedLine(file, valid.slice(0, valid.indexOf('\uFFFD')).split('\n').length, 'it is not valid UTF-8')
  }
}

/** The row as the edge reads it, refused in the name of this file. */
const parseRow = (file: string, line: number, text: string): TrainingRow => {
  try {
    return readRow(text, line)
  } catch (cause) {
    if (!isWeftError(cause)) throw cause
    throw malformedLine(file, line, cause.message.replace(/^training file, line \d+: /, ''))
  }
}
