import { trainingFileLimits } from '@weft/protocol'
import { rowsNoDocument } from '../errors.ts'
import { documentTooLarge } from './errors.ts'
import { inputDocument } from './input-file.ts'

/** A text to compress. @throws CliError `rows_no_document`, and those of `inputDocument` */
export const documentOf = (path: string): string => {
  const text = inputDocument(path, 'a text file')
  if (rowsOf(text, path)) throw rowsNoDocument(path)
  return text
}

/**
 * What is uploaded of a document: the file itself where it has rows of `{"document"}`, and else its text as one.
 * @throws CliError `rows_no_document`, `document_too_large`, and those of `inputDocument`
 */
export const documentRows = (path: string): string => {
  const text = inputDocument(path, 'a text file')
  const rows = rowsOf(text, path)
  if (rows?.every((row) => typeof row.document === 'string')) return text
  if (rows) throw rowsNoDocument(path)
  const row = JSON.stringify({ document: text })
  const bytes = Buffer.byteLength(row)
  if (bytes > trainingFileLimits.lineBytes) throw documentTooLarge(path, bytes, trainingFileLimits.lineBytes)
  return row
}

/** Rows where each line is one: of a file that is called so, or that has several. One JSON object in a file of another name may be the document. */
const rowsOf = (text: string, path: string): Record<string, unknown>[] | undefined => {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length < 2 && !/\.(jsonl|ndjson)$/i.test(path)) return undefined
  const rows = lines.map(objectOf)
  return rows.every((row) => row !== undefined) ? rows : undefined
}

const objectOf = (line: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
