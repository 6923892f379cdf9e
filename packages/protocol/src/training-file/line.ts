import { type TrainingFileName, trainingFileError } from '../errors.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** A line as text. Error 400 `training_file_encoding`: what is not UTF-8 is no text, and is not read as one. */
export const textOfLine = (bytes: Uint8Array, line: number, file: TrainingFileName = 'training'): string => {
  try {
    return decoder.decode(bytes)
  } catch {
    throw trainingFileError('training_file_encoding', { file, line }, 'it is not UTF-8')
  }
}

export const lineTooLong = (mostBytes: number, line: number, file: TrainingFileName = 'training') =>
  trainingFileError('training_file_line_too_long', { file, line }, `it has more than ${mostBytes} bytes; split the document`)
