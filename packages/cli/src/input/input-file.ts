import { existsSync, readFileSync, statSync } from 'node:fs'
import { emptyDocument, fileMissing, fileUnreadable, noRows, notAFile, notAText } from '../errors.ts'

/**
 * The content of a file that a command line names.
 * @param expected what the file should be, for the error: "a JSONL file of training rows"
 * @throws CliError `file_missing`, `not_a_file`, `file_unreadable`
 */
export const inputFile = (path: string, expected: string): Uint8Array<ArrayBuffer> => {
  if (!existsSync(path)) throw fileMissing(path)
  if (statSync(path).isDirectory()) throw notAFile(path, expected)
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw fileUnreadable(path, expected, error as NodeJS.ErrnoException)
  }
}

/** The same of rows, of which there must be some. @param form of a row: `{"text"}` */
export const inputRows = (path: string, form: string): Uint8Array<ArrayBuffer> => {
  const content = inputFile(path, 'a JSONL file of rows')
  if (!content.some((byte) => byte > 0x20)) throw noRows(path, form)
  return content
}

/** The same as text. @throws CliError `file_missing`, `not_a_file`, `not_a_text` */
export const inputText = (path: string, expected: string): string => textOf(path, inputFile(path, expected))

/** What is piped in, as text. @throws CliError `not_a_file`, `file_unreadable`, `not_a_text` */
export const pipedText = (): string => {
  const what = 'What is piped in'
  try {
    return textOf(what, readFileSync(0))
  } catch (error) {
    const cause = error as NodeJS.ErrnoException
    if (cause.syscall === undefined) throw error
    throw cause.code === 'EISDIR' ? notAFile(what, 'a text') : fileUnreadable(what, 'a text', cause)
  }
}

/** The same, of a file that must be a text from beginning to end. @throws CliError `file_missing`, `not_a_file`, `not_a_text`, `document_empty` */
export const inputDocument = (path: string, expected: string): string => {
  const text = textOf(path, inputFile(path, expected))
  if (!text.trim()) throw emptyDocument(path)
  return text
}

const textOf = (path: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw notAText(path)
  }
}
