import { CliError } from '../errors.ts'

/** @param bytes of the document as a row */
export const documentTooLarge = (path: string, bytes: number, most: number) =>
  new CliError(
    'document_too_large',
    `${path} has ${bytes} bytes as a row of {"document"}, and a row has at most ${most}. Split it: a file of such rows (documents.jsonl), one for each part, is compressed into one prefix.`,
    2,
  )
